// Whatever a backend sends: reading it ends without a fault, and says the same
// of a body that comes whole and of one that comes in pieces.  The first byte
// chooses the status, the second the size of the pieces.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "backend/data_readers.h"
#include "backend/reply.h"

namespace {

using sextant::Done;
using sextant::Result;

constexpr std::size_t kMaxBytes = 64 * 1024 * 1024;

std::string Verdict(sextant::backend::DataReader& data, int status,
                    std::string_view body, std::size_t piece) {
  sextant::backend::Reply reply(data, kMaxBytes);
  sextant::net::ResponseHead head;
  head.status = status;
  Result<sextant::net::ResponseHead> sent = head;
  for (std::size_t at = 0; at < body.size(); at += piece) {
    Result<Done> taken = reply.Take(head, body.substr(at, piece));
    if (!taken) {
      sent = std::move(taken).error();
      break;
    }
  }
  const Result<Done> judged =
      reply.Judge(sent, sextant::backend::PrometheusDialect());
  return judged ? "good" : judged.error().message;
}

void Expect(bool truth) {
  if (!truth) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size < 2) return 0;
  constexpr std::array<int, 4> kStatuses = {200, 400, 500, 503};
  const int status = kStatuses[data[0] % kStatuses.size()];
  const std::size_t piece = data[1] % 64 + 1U;
  const std::string_view body(reinterpret_cast<const char*>(data + 2),
                              size - 2);
  // Which of two errors is found first, and how far the reading came, depends
  // on the pieces; whether there is one does not.
  const auto good = [](const std::string& verdict) {
    return verdict == "good";
  };
  {
    sextant::backend::QueryReader whole;
    sextant::backend::QueryReader parts;
    Expect(good(Verdict(whole, status, body, size)) ==
           good(Verdict(parts, status, body, piece)));
    Expect(whole.result.samples.size() == parts.result.samples.size());
  }
  {
    sextant::backend::StringsReader whole;
    sextant::backend::StringsReader parts;
    Expect(good(Verdict(whole, status, body, size)) ==
           good(Verdict(parts, status, body, piece)));
    Expect(whole.strings == parts.strings);
  }
  {
    std::size_t seen[2] = {0, 0};
    for (const std::size_t i : {0U, 1U}) {
      sextant::backend::SeriesReader series(
          [&seen, i](const sextant::model::Labels&) -> Result<Done> {
            ++seen[i];
            return Done{};
          });
      (void)Verdict(series, status, body, i == 0 ? size : piece);
    }
    Expect(seen[0] == seen[1]);
  }
  return 0;
}
