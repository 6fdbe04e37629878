#include "protobuf.h"

namespace sextant::api {
namespace {

enum WireType : std::uint32_t { kVarint = 0, kLengthDelimited = 2 };

}  // namespace

ProtoMessage& ProtoMessage::Text(std::uint32_t field, std::string_view text) {
  Bytes(field, text);
  return *this;
}

ProtoMessage& ProtoMessage::Integer(std::uint32_t field, std::int64_t value) {
  Varint(field << 3 | kVarint);
  Varint(static_cast<std::uint64_t>(value));
  return *this;
}

ProtoMessage& ProtoMessage::Message(std::uint32_t field,
                                    const ProtoMessage& message) {
  Bytes(field, message.bytes_);
  return *this;
}

void ProtoMessage::Varint(std::uint64_t value) {
  while (value >= 0x80) {
    bytes_ += static_cast<char>((value & 0x7f) | 0x80);
    value >>= 7;
  }
  bytes_ += static_cast<char>(value);
}

void ProtoMessage::Bytes(std::uint32_t field, std::string_view bytes) {
  Varint(field << 3 | kLengthDelimited);
  Varint(bytes.size());
  bytes_ += bytes;
}

std::string KubernetesProtobuf(std::string_view api_version,
                               std::string_view kind,
                               const ProtoMessage& object) {
  // runtime.Unknown behind the four bytes that tell it from JSON; its content's
  // encoding and type are empty.
  const ProtoMessage unknown =
      ProtoMessage()
          .Message(1, ProtoMessage().Text(1, api_version).Text(2, kind))
          .Message(2, object)
          .Text(3, "")
          .Text(4, "");
  return std::string("k8s\0", 4) + unknown.bytes();
}

ProtoMessage ListMeta() {
  // selfLink, resourceVersion, continue
  return ProtoMessage().Text(1, "").Text(2, "").Text(3, "");
}

}  // namespace sextant::api
