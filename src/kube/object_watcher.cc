#include "sextant/kube/object_watcher.h"

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/this_coro.hpp>
#include <map>
#include <optional>
#include <utility>

#include "collection.h"
#include "listing.h"
#include "object_store.h"
#include "reflector.h"
#include "sextant/base/single_flight.h"
#include "sextant/base/spawn.h"
#include "sextant/obs/log.h"

namespace sextant::kube {
namespace {

constexpr Duration kSweepPause = std::chrono::minutes(1);
// Longer than the pauses between an HPA's questions, four times over.
constexpr Duration kMayMakeRoom = std::chrono::minutes(1);

using Store = std::shared_ptr<const ObjectStore>;

const char* TextOf(Reflector::State state) {
  switch (state) {
    case Reflector::State::kListing:
      return "listing";
    case Reflector::State::kWatching:
      return "watching";
    case Reflector::State::kFailing:
      return "failing";
    case Reflector::State::kRefused:
      return "refused";
  }
  return "failing";
}

}  // namespace

class ObjectWatcher::Impl {
 public:
  using Self = std::shared_ptr<Impl>;

  Impl(Options options, Client& client, Clock& clock, obs::Metrics& metrics)
      : options_(std::move(options)),
        world_(std::make_shared<WatchWorld>(
            WatchWorld{client, clock, metrics, options_.jitter})) {}

  static void AddGauges(const Self& self);

  // Objects among which are all that `request` asks for.
  static Task<Result<Store>> Find(Self self, model::ListRequest request);

  void Stop();

 private:
  struct Watch {
    std::shared_ptr<Reflector> reflector;
    Running running;
    TimePoint asked;
  };
  using Watches = std::map<Collection, Watch>;

  // The store that has the answer already, if there is one.
  Store Watched(const Collection& collection);
  // Begins the watch that will have it, if one may begin.
  static void Begin(const Self& self, const Collection& collection,
                    const boost::asio::any_io_executor& loop);
  std::optional<Collection> WatchToBegin(const Collection& collection);
  bool IsTried(const Collection& collection) const;
  bool MakeRoom();
  void End(Watches::iterator watch);

  static Task<Result<Store>> Ask(Self self, Collection collection,
                                 model::ListRequest request);
  static Task<Result<Store>> Fetch(Self self, Collection collection,
                                   std::string selector, std::string name);

  // Gives up what nobody asks for, now and every minute.
  static void Sweep(const Self& self, const boost::asio::any_io_executor& loop);
  bool IsCovered(const Collection& collection) const;

  obs::Metrics::LabelledValues WatchesByState() const;
  obs::Metrics::LabelledValues ObjectsByResource() const;

  const Options options_;
  const std::shared_ptr<WatchWorld> world_;
  Watches watches_;
  SingleFlight<std::string, Result<Store>> lists_;
  Clock::Alarm sweep_;
  bool stopped_ = false;
};

void ObjectWatcher::Impl::AddGauges(const Self& self) {
  // Weak: the registry outlives this.
  const std::weak_ptr<Impl> weak = self;
  const auto read = [weak](obs::Metrics::LabelledValues (Impl::*values)()
                               const) {
    return [weak, values] {
      const Self alive = weak.lock();
      return alive ? ((*alive).*values)() : obs::Metrics::LabelledValues();
    };
  };
  obs::Metrics& metrics = self->world_->metrics;
  metrics.GaugeSet("sextant_kube_watches", "Watches of objects, by state.",
                   read(&Impl::WatchesByState));
  metrics.GaugeSet("sextant_kube_objects",
                   "Objects of which the metadata is held.",
                   read(&Impl::ObjectsByResource));
}

obs::Metrics::LabelledValues ObjectWatcher::Impl::WatchesByState() const {
  std::map<obs::MetricLabels, double> counts;
  for (const auto& [collection, watch] : watches_) {
    ++counts[{{"resource", collection.ResourceText()},
              {"state", TextOf(watch.reflector->state())}}];
  }
  return {counts.begin(), counts.end()};
}

obs::Metrics::LabelledValues ObjectWatcher::Impl::ObjectsByResource() const {
  std::map<obs::MetricLabels, double> counts;
  for (const auto& [collection, watch] : watches_) {
    counts[{{"resource", collection.ResourceText()}}] +=
        static_cast<double>(watch.reflector->objects());
  }
  return {counts.begin(), counts.end()};
}

Task<Result<Store>> ObjectWatcher::Impl::Find(Self self,
                                              model::ListRequest request) {
  // No object can be called so, and a path must not be made of it.
  if (!IsPossibleName(request.namespace_) || !IsPossibleName(request.name)) {
    co_return std::make_shared<const ObjectStore>();
  }
  const Collection collection = Collection::Of(request);
  if (Store store = self->Watched(collection)) co_return store;
  const boost::asio::any_io_executor loop =
      co_await boost::asio::this_coro::executor;
  Begin(self, collection, loop);
  co_return co_await Ask(self, collection, std::move(request));
}

Store ObjectWatcher::Impl::Watched(const Collection& collection) {
  // That of all namespaces first, so that those of one become idle.
  for (const Collection& c : {collection.InAllNamespaces(), collection}) {
    const auto watch = watches_.find(c);
    if (watch == watches_.end()) continue;
    watch->second.asked = world_->clock.Now();
    if (Store store = watch->second.reflector->Good()) return store;
  }
  return nullptr;
}

// Is it watched, or about to be?
bool ObjectWatcher::Impl::IsTried(const Collection& collection) const {
  const auto watch = watches_.find(collection);
  if (watch == watches_.end()) return false;
  const Reflector::State state = watch->second.reflector->state();
  return state == Reflector::State::kListing ||
         state == Reflector::State::kWatching;
}

std::optional<Collection> ObjectWatcher::Impl::WatchToBegin(
    const Collection& collection) {
  const Collection all = collection.InAllNamespaces();
  if (watches_.count(collection) > 0 || IsTried(all)) return std::nullopt;
  const auto same_resource = [&](const auto& watch) {
    return watch.first.InAllNamespaces() == all;
  };
  const auto namespaces = static_cast<std::size_t>(
      std::count_if(watches_.begin(), watches_.end(), same_resource));
  const bool many = namespaces >= options_.max_namespaces;
  return many && watches_.count(all) == 0 ? all : collection;
}

void ObjectWatcher::Impl::Begin(const Self& self, const Collection& collection,
                                const boost::asio::any_io_executor& loop) {
  if (self->stopped_) return;
  const std::optional<Collection> wanted = self->WatchToBegin(collection);
  if (!wanted || !self->MakeRoom()) return;
  obs::Debug("objects are watched", {{"objects", wanted->ToString()}});
  Watch& watch = self->watches_[*wanted];
  watch.asked = self->world_->clock.Now();
  watch.reflector = std::make_shared<Reflector>(self->world_, *wanted);
  watch.running = Spawn(loop, Reflector::Run(watch.reflector));
  if (!self->sweep_) Sweep(self, loop);
}

bool ObjectWatcher::Impl::MakeRoom() {
  if (watches_.size() < options_.max_watches) return true;
  const auto oldest = std::min_element(watches_.begin(), watches_.end(),
                                       [](const auto& a, const auto& b) {
                                         return a.second.asked < b.second.asked;
                                       });
  if (oldest == watches_.end() ||
      world_->clock.Now() - oldest->second.asked < kMayMakeRoom) {
    return false;
  }
  End(oldest);
  return true;
}

void ObjectWatcher::Impl::End(Watches::iterator watch) {
  obs::Debug("objects are watched no more",
             {{"objects", watch->first.ToString()}});
  watch->second.running.Cancel();
  watches_.erase(watch);
}

Task<Result<Store>> ObjectWatcher::Impl::Ask(Self self, Collection collection,
                                             model::ListRequest request) {
  const std::string selector = request.selector.ToString();
  // None of the three can have a line's end.
  const std::string key = collection.group + "/" + collection.version + "/" +
                          collection.plural + "/" + collection.namespace_ +
                          "\n" + request.name + "\n" + selector;
  const auto fetch = [self, collection, selector, name = request.name] {
    return Fetch(self, collection, selector, name);
  };
  Task<Result<Store>> list = self->lists_.Do(key, fetch);
  std::optional<Result<Store>> store =
      co_await Before(self->world_->clock, request.deadline, std::move(list));
  if (store) co_return *std::move(store);
  co_return Error{ErrorCode::kDeadlineExceeded,
                  "listing " + collection.ToString() +
                      ": the API server has not answered in time",
                  ""};
}

Task<Result<Store>> ObjectWatcher::Impl::Fetch(Self self, Collection collection,
                                               std::string selector,
                                               std::string name) {
  WatchWorld& world = *self->world_;
  const TimePoint began = world.clock.Now();
  Result<Listing> listing = co_await ListObjects(
      world.client, world.clock, world.jitter, std::move(collection),
      std::move(selector), std::move(name),
      began + self->options_.list_timeout);
  ObserveList(world, "request", began);
  if (listing) co_return Store(std::move(listing->store));
  Error error = std::move(listing).error();
  // We may not, but who asks us may.
  if (error.code == ErrorCode::kPermissionDenied) {
    error.code = ErrorCode::kUnavailable;
  }
  co_return error;
}

// Is a namespace watched by the way?
bool ObjectWatcher::Impl::IsCovered(const Collection& collection) const {
  if (!collection.IsOneNamespace()) return false;
  const auto all = watches_.find(collection.InAllNamespaces());
  return all != watches_.end() && all->second.reflector->Good() != nullptr;
}

void ObjectWatcher::Impl::Sweep(const Self& self,
                                const boost::asio::any_io_executor& loop) {
  const TimePoint now = self->world_->clock.Now();
  for (auto at = self->watches_.begin(); at != self->watches_.end();) {
    const auto watch = at++;
    if (now - watch->second.asked >= self->options_.idle_after ||
        self->IsCovered(watch->first)) {
      self->End(watch);
    }
  }
  self->sweep_.reset();
  if (self->watches_.empty()) return;
  self->sweep_ = self->world_->clock.SetAlarm(
      loop, now + kSweepPause, [weak = std::weak_ptr<Impl>(self), loop] {
        if (const Self alive = weak.lock()) Sweep(alive, loop);
      });
}

void ObjectWatcher::Impl::Stop() {
  stopped_ = true;
  sweep_.reset();
  while (!watches_.empty()) End(watches_.begin());
}

ObjectWatcher::ObjectWatcher(Options options, Client& client, Clock& clock,
                             obs::Metrics& metrics)
    : impl_(
          std::make_shared<Impl>(std::move(options), client, clock, metrics)) {
  Impl::AddGauges(impl_);
}

ObjectWatcher::~ObjectWatcher() { Stop(); }

// The requests are copied: they may be gone after the first wait.

Task<Result<std::vector<std::string>>> ObjectWatcher::List(
    const model::ListRequest& request) {
  const auto answer =
      [](Impl::Self impl,
         model::ListRequest wanted) -> Task<Result<std::vector<std::string>>> {
    Result<Store> store = co_await Impl::Find(std::move(impl), wanted);
    if (!store) co_return std::move(store).error();
    co_return (*store)->Names(wanted);
  };
  return answer(impl_, request);
}

Task<Result<std::vector<model::ObjectMetadata>>> ObjectWatcher::ListMetadata(
    const model::ListRequest& request) {
  const auto answer = [](Impl::Self impl, model::ListRequest wanted)
      -> Task<Result<std::vector<model::ObjectMetadata>>> {
    Result<Store> store = co_await Impl::Find(std::move(impl), wanted);
    if (!store) co_return std::move(store).error();
    co_return (*store)->Metadata(wanted);
  };
  return answer(impl_, request);
}

void ObjectWatcher::Stop() { impl_->Stop(); }

}  // namespace sextant::kube
