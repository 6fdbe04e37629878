#include "api/audit_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant::api {
namespace {

// Checklist of the wire, 91.
TEST(AuditIds, EchoTheRequestsOwn) {
  AuditIds ids(1);
  EXPECT_EQ(ids.Of({{"audit-id", "30045459-5883-465b-a3f1-4b9e904819a1"}}),
            "30045459-5883-465b-a3f1-4b9e904819a1");
  EXPECT_EQ(ids.Of({{"Audit-Id", std::string(1000, 'a')}}),
            std::string(64, 'a'));
}

TEST(AuditIds, MakeRandomUuids) {
  AuditIds ids(1);
  const std::string first = ids.Of({});
  EXPECT_THAT(first,
              testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-"
                                    "[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_NE(ids.Of({{"Audit-Id", ""}}), first);
}

}  // namespace
}  // namespace sextant::api
