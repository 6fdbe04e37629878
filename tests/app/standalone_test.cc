#include "app/standalone.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "support/result_matchers.h"
#include "support/run_task.h"

namespace sextant::app {
namespace {

TEST(LoopbackGate, RefusesOtherMachines) {
  boost::asio::io_context loop;
  const api::Gate gate = LoopbackGate();
  net::Request request;
  request.peer_address = "127.0.0.1";
  EXPECT_FALSE(RunTask(loop, gate(request, TimePoint::max()))->refusal);
  request.peer_address = "10.0.0.1";
  const auto refusal = RunTask(loop, gate(request, TimePoint::max()))->refusal;
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->error.code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(refusal->error.message,
            "standalone mode answers only this machine");
}

TEST(PlaceObjects, FindsTheResourceOfEachKind) {
  const auto placed =
      PlaceObjects({{"v1", "Pod", "shop", "web-0", {{"app", "web"}}},
                    {"apps/v1", "Deployment", "shop", "web", {}},
                    {"v1", "Node", "ignored", "n1", {}}},
                   model::ResourceTable::BuiltIn());
  ASSERT_THAT(placed, IsOk());
  ASSERT_EQ(placed->size(), 3U);
  EXPECT_EQ((*placed)[0].resource.ToString(), "pods");
  EXPECT_EQ((*placed)[0].ref, (model::ObjectRef{"shop", "web-0"}));
  EXPECT_EQ((*placed)[0].labels, (model::Labels{{"app", "web"}}));
  EXPECT_EQ((*placed)[1].resource.ToString(), "deployments.apps");
  EXPECT_EQ((*placed)[2].ref, (model::ObjectRef{"", "n1"}));
}

TEST(PlaceObjects, AnUnknownKindSaysWhatToDo) {
  EXPECT_THAT(
      PlaceObjects({{"example.com/v1", "Widget", "shop", "w", {}}},
                   model::ResourceTable::BuiltIn()),
      FailsWith(ErrorCode::kInvalidArgument,
                "object w: no resource is known for example.com/v1 Widget; "
                "describe it in a file for --standalone-resources"));
}

}  // namespace
}  // namespace sextant::app
