#include "reflector.h"

#include <cmath>
#include <utility>

#include "listing.h"
#include "sextant/obs/log.h"

namespace sextant::kube {
namespace {

constexpr Duration kListTimeout = std::chrono::minutes(1);
// And up to half of it more, so that watches that began together do not end so.
constexpr std::chrono::seconds kWatchTime{120};
constexpr Duration kWatchGrace = std::chrono::seconds(10);
// Longer than net's client takes at most to connect: a watch that is open for
// so long has been accepted, although nothing has happened.
constexpr Duration kSettled = std::chrono::seconds(15);
constexpr Duration kKeep = std::chrono::minutes(1);
constexpr Duration kRefusedPause = std::chrono::minutes(5);
constexpr int kFailuresBeforeList = 3;

}  // namespace

void ObserveList(WatchWorld& world, const char* purpose, TimePoint began) {
  const std::chrono::duration<double> took = world.clock.Now() - began;
  world.metrics
      .Histogram("sextant_kube_list_duration_seconds",
                 "How long lists of objects took, those that failed included.",
                 {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
                 {{"purpose", purpose}})
      .Observe(took.count());
}

Reflector::Reflector(std::shared_ptr<WatchWorld> world, Collection collection)
    : world_(std::move(world)), collection_(std::move(collection)) {}

Reflector::~Reflector() {
  world_->outages.Ends(collection_.ToString(), world_->clock.Now());
}

Task<void> Reflector::Run(std::shared_ptr<Reflector> self) {
  for (;;) {
    Duration pause{0};
    if (self->listed_) {
      pause = co_await Watch(self);
    } else {
      pause = co_await List(self);
    }
    if (pause.count() > 0) {
      co_await self->world_->clock.SleepUntil(self->world_->clock.Now() +
                                              pause);
    }
  }
}

std::shared_ptr<const ObjectStore> Reflector::Good() const {
  if (!store_ || !failing_since_) return store_;
  if (watch_began_ && !silent_ && Accepted()) return store_;
  return world_->clock.Now() - *failing_since_ <= kKeep ? store_ : nullptr;
}

Reflector::State Reflector::state() const {
  if (refused_) return State::kRefused;
  if (Good()) return State::kWatching;
  return failures_ > 0 ? State::kFailing : State::kListing;
}

Task<Duration> Reflector::List(std::shared_ptr<Reflector> self) {
  WatchWorld& world = *self->world_;
  const TimePoint began = world.clock.Now();
  Result<Listing> listing =
      co_await ListObjects(world.client, world.clock, world.jitter,
                           self->collection_, "", "", began + kListTimeout);
  ObserveList(world, "watch", began);
  if (!listing) {
    const Error& error = listing.error();
    if (error.code == ErrorCode::kPermissionDenied) co_return self->Refused();
    co_return self->Failed(world.clock.Now(), error.message);
  }
  self->store_ = std::move(listing->store);
  self->resource_version_ = std::move(listing->resource_version);
  self->listed_ = true;
  self->refused_ = false;
  self->silent_ = false;
  self->failing_since_.reset();
  co_return Duration(0);
}

Task<Duration> Reflector::Watch(std::shared_ptr<Reflector> self) {
  // However this ends: nobody watches any more.
  struct Watching {
    Reflector& reflector;
    ~Watching() { reflector.watch_began_.reset(); }
  } const watching{*self};
  WatchWorld& world = *self->world_;
  const std::chrono::seconds time(std::llround(
      static_cast<double>(kWatchTime.count()) * (1 + self->Jitter() / 2)));
  self->watch_began_ = world.clock.Now();
  self->heard_.reset();
  self->error_code_.reset();
  // Shared, because a client may keep its copy of the sink longer than us.
  const auto reader = std::make_shared<WatchReader>(
      [self](const WatchEvent& event) { return self->Apply(event); });
  Request request =
      WatchRequestOf(self->collection_, self->resource_version_, time);
  std::function<Result<Done>(std::string_view)> sink =
      [reader](std::string_view piece) { return reader->Take(piece); };
  const TimePoint deadline = *self->watch_began_ + time + kWatchGrace;
  const Result<Reply> reply = co_await world.client.Stream(
      std::move(request), deadline, std::move(sink));
  const Outcome outcome = self->Judge(reply, *reader);
  self->Count(outcome.end);
  co_return self->Act(outcome);
}

Result<Done> Reflector::Apply(const WatchEvent& event) {
  using Type = WatchEvent::Type;
  const SeenObject& object = event.object;
  switch (event.type) {
    case Type::kError:
      error_code_ = object.code;
      return Error{ErrorCode::kUnavailable,
                   object.message.empty() ? object.reason : object.message, ""};
    case Type::kAdded:
    case Type::kModified:
      store_->Put(object.metadata.ref, object.metadata.labels);
      break;
    case Type::kDeleted:
      store_->Remove(object.metadata.ref);
      break;
    case Type::kBookmark:
      break;
  }
  if (!object.resource_version.empty()) {
    resource_version_ = object.resource_version;
  }
  heard_ = world_->clock.Now();
  Works();
  return Done{};
}

Reflector::Outcome Reflector::Judge(const Result<Reply>& reply,
                                    WatchReader& reader) const {
  if (error_code_) {
    return {*error_code_ == 410 ? End::kExpired : End::kBroken,
            reply ? "" : reply.error().message};
  }
  if (!reply) {
    const bool late = reply.error().code == ErrorCode::kDeadlineExceeded;
    return {late ? End::kSilent : End::kBroken, reply.error().message};
  }
  if (reply->status == 200) {
    const Result<Done> whole = reader.Finish();
    if (whole) return {End::kEnded, "the API server ended it at once"};
    return {End::kBroken, whole.error().message};
  }
  const Error error = ErrorOf(*reply, "watching " + collection_.ToString());
  if (reply->status == 410) return {End::kExpired, error.message};
  if (reply->status == 403) return {End::kRefused, error.message};
  return {End::kBroken, error.message};
}

Duration Reflector::Act(const Outcome& outcome) {
  if (outcome.end == End::kRefused) {
    TellRefusedWatch();
    return Refused();
  }
  if (outcome.end == End::kSilent) {
    silent_ = true;
    return Failed(heard_ ? *heard_ : *watch_began_, outcome.why);
  }
  if (outcome.end == End::kExpired) listed_ = false;
  if (Accepted()) {
    Works();
    if (outcome.end == End::kEnded) return Duration(0);
  }
  return Failed(world_->clock.Now(), outcome.why);
}

bool Reflector::Accepted() const {
  return heard_ || world_->clock.Now() - *watch_began_ >= kSettled;
}

void Reflector::Works() {
  if (failures_ > 1) {
    world_->outages.Works(collection_.ToString(), world_->clock.Now());
  }
  failures_ = 0;
  silent_ = false;
  failing_since_.reset();
  backoff_.Reset();
}

Duration Reflector::Failed(TimePoint since, const std::string& why) {
  ++failures_;
  refused_ = false;
  if (!failing_since_) failing_since_ = since;
  if (failures_ >= kFailuresBeforeList) listed_ = false;
  // That a connection breaks is nothing to tell; that the next does, is.
  if (failures_ == 2) {
    world_->outages.Fails(collection_.ToString(), why, world_->clock.Now());
  }
  return backoff_.Next(Jitter());
}

// Requests list for themselves, and their answers say it if even that is not
// allowed.
Duration Reflector::Refused() {
  world_->outages.Ends(collection_.ToString(), world_->clock.Now());
  refused_ = true;
  listed_ = false;
  store_.reset();
  failing_since_.reset();
  failures_ = 0;
  return kRefusedPause;
}

void Reflector::TellRefusedWatch() {
  if (!world_->refused.insert(collection_.ResourceText()).second) return;
  obs::Warn("objects may not be watched; they are listed for each request",
            {{"objects", collection_.ToString()},
             {"verb", "watch"},
             {"rule", RuleFor(collection_)}});
}

void Reflector::Count(End end) {
  const auto reason = [end] {
    switch (end) {
      case End::kEnded:
        return "ended";
      case End::kExpired:
        return "expired";
      case End::kBroken:
        return "broken";
      case End::kSilent:
        return "silent";
      case End::kRefused:
        return "refused";
    }
    return "broken";
  };
  ++world_->metrics.Counter(
      "sextant_kube_watch_restarts_total",
      "Watches of objects that ended and are begun again.",
      {{"reason", reason()}});
}

}  // namespace sextant::kube
