#include "api/protobuf.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "api/hex.h"

namespace sextant::api {
namespace {

TEST(ProtoMessage, WritesNumbersTextsAndMessages) {
  const struct {
    ProtoMessage message;
    std::string hex;
  } kCases[] = {
      {ProtoMessage(), ""},
      {ProtoMessage().Text(1, "a"), "0a0161"},
      {ProtoMessage().Text(2, ""), "1200"},
      {ProtoMessage().Integer(1, 0), "0800"},
      {ProtoMessage().Integer(4, 60), "203c"},
      {ProtoMessage().Integer(1, 300), "08ac02"},
      {ProtoMessage().Integer(1, -1), "08ffffffffffffffffff01"},
      {ProtoMessage().Integer(16, 1), "800101"},
      {ProtoMessage().Message(3, ProtoMessage().Integer(1, 1)), "1a020801"},
      {ProtoMessage().Message(3, ProtoMessage()), "1a00"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Hex(c.message.bytes()), c.hex);
  }
  EXPECT_EQ(ProtoMessage().Text(1, std::string(200, 'x')).bytes().substr(0, 3),
            "\x0a\xc8\x01");
}

// What a server of Kubernetes' own writing sent: one pod, metric m, window 60,
// value 1500m.
TEST(KubernetesProtobuf, HasTheBytesOfTheApiServer) {
  const ProtoMessage item =
      ProtoMessage()
          .Message(1, ProtoMessage()
                          .Text(1, "Pod")
                          .Text(2, "default")
                          .Text(3, "web-0")
                          .Text(4, "")
                          .Text(5, "v1")
                          .Text(6, "")
                          .Text(7, ""))
          .Text(2, "m")
          .Message(3, ProtoMessage().Integer(1, 1767315845).Integer(2, 0))
          .Integer(4, 60)
          .Message(5, ProtoMessage().Text(1, "1500m"));
  const std::string body = KubernetesProtobuf(
      "custom.metrics.k8s.io/v1beta1", "MetricValueList",
      ProtoMessage().Message(1, ListMeta()).Message(2, item));
  EXPECT_EQ(Hex(body),
            "6b387300"
            "0a300a1d637573746f6d2e6d6574726963732e6b38732e696f2f76316265746131"
            "120f4d657472696356616c75654c697374"
            "12430a060a0012001a00"
            "12390a1f0a03506f64120764656661756c741a057765622d3022002a0276313200"
            "3a00"
            "12016d1a080885b3dcca061000203c2a070a05313530306d"
            "1a002200");
  EXPECT_EQ(body.size(), 127u);
}

}  // namespace
}  // namespace sextant::api
