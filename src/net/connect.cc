#include "connect.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "await.h"
#include "sextant/base/event.h"
#include "sextant/base/spawn.h"

namespace sextant::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// No address gets less, if there is as much: two lost SYNs (1 s, 2 s) pass.
constexpr Duration kLeastShare = std::chrono::seconds(4);

// getaddrinfo() runs on a thread of asio's, one at a time, and cannot be
// stopped once it runs.  Whoever stops waiting for it leaves it behind, with
// all that it needs; those that still wait for the thread are dropped then, so
// that a dead name server does not keep the program from ending.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& executor)
      : resolver(executor), ended(executor) {}
  tcp::resolver resolver;
  Event ended;  // `answer` is there
  std::optional<error_code> answer;
  std::vector<asio::ip::address> addresses;
};

Task<Result<std::vector<asio::ip::address>>> Resolve(std::string host) {
  error_code not_literal;
  const asio::ip::address literal = asio::ip::make_address(host, not_literal);
  if (!not_literal) co_return std::vector<asio::ip::address>{literal};

  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto lookup = std::make_shared<Lookup>(executor);
  struct Leave {
    Lookup& lookup;
    ~Leave() { lookup.resolver.cancel(); }
  } const leave{*lookup};
  const auto on_answer = [lookup](const error_code& failure,
                                  const tcp::resolver::results_type& results) {
    lookup->answer = failure;
    for (const auto& result : results) {
      lookup->addresses.push_back(result.endpoint().address());
    }
    lookup->ended.Notify();
  };
  try {
    lookup->resolver.async_resolve(host, "", on_answer);
  } catch (const boost::system::system_error& e) {
    // The first lookup starts the thread, which a limit of threads may refuse.
    co_return Error{ErrorCode::kUnavailable, ReasonOf(e.code()), ""};
  }
  while (!lookup->answer) co_await lookup->ended.Wait();
  if (*lookup->answer) {
    co_return Error{ErrorCode::kUnavailable, ReasonOf(*lookup->answer), ""};
  }
  co_return std::move(lookup->addresses);
}

struct Attempt {
  error_code failure;
  std::unique_ptr<ClientStream> stream;
};

Task<Attempt> ConnectTo(tcp::endpoint endpoint) {
  Attempt attempt;
  tcp::socket socket(co_await asio::this_coro::executor);
  const auto [failure] = co_await socket.async_connect(endpoint, kAwait);
  // Only a cancelled Task cancels it.
  if (failure == asio::error::operation_aborted) {
    throw boost::system::system_error(failure);
  }
  attempt.failure = failure;
  if (!failure)
    attempt.stream = std::make_unique<ClientStream>(std::move(socket));
  co_return attempt;
}

// Reasons in order, each with its addresses; addresses that only repeat the
// host are left out.
class Reasons {
 public:
  void Add(const std::string& reason, const std::string& address) {
    for (auto& [known, addresses] : reasons_) {
      if (known != reason) continue;
      addresses += ", " + address;
      return;
    }
    reasons_.emplace_back(reason, address);
  }

  std::string Text(const std::string& host) const {
    std::string text;
    for (const auto& [reason, addresses] : reasons_) {
      text += (text.empty() ? "" : "; ") + reason;
      if (addresses != host) text += " (" + addresses + ")";
    }
    return text;
  }

 private:
  std::vector<std::pair<std::string, std::string>> reasons_;
};

}  // namespace

Task<Result<std::unique_ptr<ClientStream>>> Connect(std::string host,
                                                    std::uint16_t port,
                                                    TimePoint deadline,
                                                    Clock& clock) {
  const Result<std::vector<asio::ip::address>> addresses =
      co_await Resolve(host);
  if (!addresses) co_return addresses.error();
  Reasons reasons;
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    const asio::ip::address& address = (*addresses)[i];
    const Duration left = deadline - clock.Now();
    const auto others = static_cast<Duration::rep>(addresses->size() - i);
    const Duration share = std::min(left, std::max(left / others, kLeastShare));
    std::optional<Attempt> attempt = co_await Before(
        clock, clock.Now() + share, ConnectTo(tcp::endpoint(address, port)));
    if (attempt && attempt->stream) co_return std::move(attempt->stream);
    reasons.Add(attempt ? ReasonOf(attempt->failure) : "no answer",
                address.to_string());
  }
  co_return Error{ErrorCode::kUnavailable, reasons.Text(host), ""};
}

}  // namespace sextant::net
