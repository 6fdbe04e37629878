#include "api/inflight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sextant::api {
namespace {

std::string Shown(int taken) {
  return "apiserver_current_inflight_requests{request_kind=\"readOnly\"} " +
         std::to_string(taken) + "\n";
}

TEST(Inflight, HandsOutAsManyPlacesAsThereAre) {
  obs::Metrics metrics;
  Inflight inflight(2, metrics);
  std::optional<Inflight::Place> first = inflight.Enter();
  std::optional<Inflight::Place> second = inflight.Enter();
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_FALSE(inflight.Enter());
  EXPECT_THAT(metrics.Text(), testing::HasSubstr(Shown(2)));

  const Inflight::Place moved = *std::move(first);
  first.reset();
  EXPECT_FALSE(inflight.Enter());

  second.reset();
  EXPECT_THAT(metrics.Text(), testing::HasSubstr(Shown(1)));
  EXPECT_TRUE(inflight.Enter());
}

TEST(Inflight, HasNoLimitAtZero) {
  obs::Metrics metrics;
  Inflight inflight(0, metrics);
  std::vector<Inflight::Place> places;
  for (int i = 0; i < 1000; ++i) {
    std::optional<Inflight::Place> place = inflight.Enter();
    ASSERT_TRUE(place);
    places.push_back(*std::move(place));
  }
  EXPECT_THAT(metrics.Text(), testing::HasSubstr(Shown(1000)));
}

TEST(Inflight, MayEndBeforeThePlacesThatItGave) {
  obs::Metrics metrics;
  auto inflight = std::make_unique<Inflight>(1, metrics);
  std::optional<Inflight::Place> place = inflight->Enter();
  inflight.reset();
  EXPECT_THAT(metrics.Text(), testing::HasSubstr(Shown(1)));
  place.reset();
  EXPECT_THAT(metrics.Text(), testing::HasSubstr(Shown(0)));
}

}  // namespace
}  // namespace sextant::api
