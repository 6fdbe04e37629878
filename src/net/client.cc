#include "sextant/net/client.h"

#include <memory>
#include <utility>

namespace sextant::net {

Task<Result<ClientResponse>> SendAndGather(HttpClient& client,
                                           ClientRequest request,
                                           TimePoint deadline,
                                           std::size_t max_bytes) {
  // Shared, because a client may keep its copy of the sink longer than us.
  const auto body = std::make_shared<std::string>();
  const std::string from = request.url.ToString();
  BodySink gather = [body, max_bytes, from](
                        const ResponseHead&,
                        std::string_view piece) -> Result<Done> {
    if (piece.size() > max_bytes - body->size()) {
      return Error{ErrorCode::kTooLarge,
                   "the reply of " + from + " is larger than " +
                       std::to_string(max_bytes) + " bytes",
                   ""};
    }
    body->append(piece);
    return Done{};
  };
  Result<ResponseHead> head =
      co_await client.Send(std::move(request), deadline, std::move(gather));
  if (!head) co_return std::move(head).error();
  ClientResponse response;
  response.status = head->status;
  response.headers = std::move(head->headers);
  response.body = std::move(*body);
  co_return response;
}

}  // namespace sextant::net
