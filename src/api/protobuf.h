// Protocol buffers as Kubernetes writes them.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sextant::api {

// Builds one message, field by field.  What is empty or zero is written all the
// same: so does Kubernetes for the fields that it has always.
class ProtoMessage {
 public:
  ProtoMessage& Text(std::uint32_t field, std::string_view text);
  ProtoMessage& Integer(std::uint32_t field, std::int64_t value);
  ProtoMessage& Message(std::uint32_t field, const ProtoMessage& message);

  const std::string& bytes() const { return bytes_; }

 private:
  void Varint(std::uint64_t value);
  void Bytes(std::uint32_t field, std::string_view bytes);

  std::string bytes_;
};

inline constexpr std::string_view kProtobufType =
    "application/vnd.kubernetes.protobuf";

// The body of an answer: the object with its version and kind around it.
std::string KubernetesProtobuf(std::string_view api_version,
                               std::string_view kind,
                               const ProtoMessage& object);

// The metadata of a list, which says nothing.
ProtoMessage ListMeta();

}  // namespace sextant::api
