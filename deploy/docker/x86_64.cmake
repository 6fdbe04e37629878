# Builds for amd64 on arm64 by Debian's cross compiler and its :amd64 packages.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_CXX_COMPILER x86_64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE x86_64-linux-gnu)
set(ENV{PKG_CONFIG_LIBDIR}
  /usr/lib/x86_64-linux-gnu/pkgconfig:/usr/share/pkgconfig)
