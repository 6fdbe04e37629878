#include "listing.h"

#include <optional>
#include <utility>

#include "metadata_reader.h"
#include "retry.h"
#include "sextant/net/client.h"

namespace sextant::kube {
namespace {

// As client-go's pager: pages that the API server's cache has at hand.
constexpr int kPageSize = 500;

struct Page {
  int status = 0;
  std::optional<Error> refusal;  // what another status than 200 means
  std::string resource_version;
  std::string continue_token;
};

// One attempt at one page, its objects straight into `store`.
Task<Result<Page>> ReadPage(Client& client, Collection collection,
                            PageRequest request,
                            std::shared_ptr<ObjectStore> store,
                            TimePoint deadline) {
  // Shared, because a client may keep its copy of the sink longer than us.
  const auto reader =
      std::make_shared<ListReader>([store](const SeenObject& item) {
        store->Put(item.metadata.ref, item.metadata.labels);
      });
  Request written = ListRequestOf(collection, request);
  std::function<Result<Done>(std::string_view)> sink =
      [reader](std::string_view piece) { return reader->Take(piece); };
  const Result<Reply> reply =
      co_await client.Stream(std::move(written), deadline, std::move(sink));
  if (!reply) co_return reply.error();
  Page page;
  page.status = reply->status;
  if (reply->status != 200) {
    page.refusal = ListErrorOf(*reply, collection);
    co_return page;
  }
  if (Result<Done> whole = reader->Finish(); !whole) {
    co_return std::move(whole).error();
  }
  page.resource_version = reader->list().resource_version;
  page.continue_token = reader->list().continue_token;
  co_return page;
}

// The wait before another attempt at a page.
std::optional<Duration> WaitAfter(const Result<Page>& page, int attempt,
                                  double jitter) {
  if (!page) return WaitBeforeRetry(page.error(), attempt, jitter);
  return WaitBeforeRetry(net::ClientResponse{page->status, {}, ""}, attempt,
                         jitter);
}

// What a page brings twice is there once, so attempts need no undoing.
Task<Result<Page>> ReadPageStubbornly(Client& client, Clock& clock,
                                      std::function<double()> jitter,
                                      Collection collection,
                                      PageRequest request,
                                      std::shared_ptr<ObjectStore> store,
                                      TimePoint deadline) {
  for (int attempt = 1;; ++attempt) {
    Result<Page> page =
        co_await ReadPage(client, collection, request, store, deadline);
    const std::optional<Duration> wait =
        WaitAfter(page, attempt, jitter ? jitter() : 0);
    if (!wait || clock.Now() + *wait >= deadline) co_return page;
    co_await clock.SleepUntil(clock.Now() + *wait);
  }
}

}  // namespace

Task<Result<Listing>> ListObjects(Client& client, Clock& clock,
                                  std::function<double()> jitter,
                                  Collection collection, std::string selector,
                                  std::string name, TimePoint deadline) {
  Listing listing{std::make_shared<ObjectStore>(), ""};
  PageRequest request{std::move(selector), std::move(name), kPageSize, ""};
  for (;;) {
    const Result<Page> page = co_await ReadPageStubbornly(
        client, clock, jitter, collection, request, listing.store, deadline);
    if (!page)
      co_return Error(page.error()).Within("listing " + collection.ToString());
    if (page->status == 410 && !request.continue_token.empty()) {
      listing.store = std::make_shared<ObjectStore>();
      request.limit = 0;
      request.continue_token.clear();
      continue;
    }
    if (page->refusal) co_return *page->refusal;
    listing.resource_version = page->resource_version;
    if (page->continue_token.empty()) co_return listing;
    if (page->continue_token == request.continue_token) {
      co_return Error{ErrorCode::kUnavailable,
                      "listing " + collection.ToString() +
                          ": the API server's list does not end",
                      ""};
    }
    request.continue_token = page->continue_token;
  }
}

}  // namespace sextant::kube
