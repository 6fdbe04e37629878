#include "sextant/base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace sextant {
namespace {

Error FileError(const std::string& path, int reason) {
  return {
      ErrorCode::kInvalidArgument,
      "cannot read " + path + ": " + std::generic_category().message(reason),
      {}};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return FileError(path, errno);
  std::string content;
  char piece[16 * 1024];
  for (;;) {
    const ssize_t got = read(file.get(), piece, sizeof(piece));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError(path, errno);
    if (got == 0) return content;
    content.append(piece, static_cast<std::size_t>(got));
    if (content.size() > max_bytes) {
      return Error{ErrorCode::kTooLarge,
                   "cannot read " + path + ": it is larger than " +
                       std::to_string(max_bytes) + " bytes",
                   {}};
    }
  }
}

}  // namespace sextant
