# cmake -DMODULE=rules -DUSES=base,model -DHEADERS=re2/ -DFENCED=re2/,zlib.h
#   -DROOT=<source dir> -P floors.cmake
#
# Fails if a file of MODULE includes a header of a module that it does not use,
# or a third-party header of the FENCED prefixes that is not among its HEADERS.

cmake_minimum_required(VERSION 3.25)
string(REPLACE "," ";" allowed "${USES}")
string(REPLACE "," ";" headers "${HEADERS}")
string(REPLACE "," ";" fenced "${FENCED}")
list(APPEND allowed ${MODULE})

file(GLOB_RECURSE files
  ${ROOT}/include/sextant/${MODULE}/*.h ${ROOT}/src/${MODULE}/*)
if(NOT files)
  message(SEND_ERROR "module '${MODULE}' has no files")
endif()
foreach(file IN LISTS files)
  file(STRINGS ${file} includes REGEX "^[ \t]*#[ \t]*include")
  foreach(line IN LISTS includes)
    if(line MATCHES "include *\"sextant/([a-z]+)/")
      if(NOT CMAKE_MATCH_1 IN_LIST allowed)
        message(SEND_ERROR
          "${file}: ${line}: '${MODULE}' does not use '${CMAKE_MATCH_1}'")
      endif()
    elseif(line MATCHES "include *\"(\\.\\.|src/)")
      message(SEND_ERROR "${file}: ${line}: reaches into another folder")
    elseif(line MATCHES "include *[<\"]([^>\"]+)[>\"]")
      set(header ${CMAKE_MATCH_1})
      foreach(prefix IN LISTS fenced)
        string(FIND "${header}" "${prefix}" at)
        if(at EQUAL 0 AND NOT prefix IN_LIST headers)
          message(SEND_ERROR
            "${file}: ${line}: '${prefix}' is fenced off from '${MODULE}'")
        endif()
      endforeach()
    endif()
  endforeach()
endforeach()
