// Whatever an API server sends as a list or a watch: reading it ends without a
// fault, says the same of a text that comes whole and of one that comes in
// pieces, and what was read is found again.  The first byte chooses the size of
// the pieces.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kube/metadata_reader.h"
#include "kube/object_store.h"

namespace {

using sextant::Done;
using sextant::Result;
using sextant::kube::SeenObject;
using sextant::kube::WatchEvent;
using sextant::model::ObjectMetadata;

void Expect(bool truth) {
  if (!truth) __builtin_trap();
}

template <typename Reader>
bool Read(Reader& reader, std::string_view text, std::size_t piece) {
  for (std::size_t at = 0; at < text.size(); at += piece) {
    if (!reader.Take(text.substr(at, piece))) return false;
  }
  return static_cast<bool>(reader.Finish());
}

std::vector<ObjectMetadata> ReadList(std::string_view text, std::size_t piece,
                                     bool& good) {
  std::vector<ObjectMetadata> items;
  sextant::kube::ListReader reader(
      [&](const SeenObject& item) { items.push_back(item.metadata); });
  good = Read(reader, text, piece);
  return items;
}

std::vector<ObjectMetadata> ReadWatch(std::string_view text, std::size_t piece,
                                      bool& good) {
  std::vector<ObjectMetadata> objects;
  sextant::kube::WatchReader reader(
      [&](const WatchEvent& event) -> Result<Done> {
        objects.push_back(event.object.metadata);
        return Done{};
      });
  good = Read(reader, text, piece);
  return objects;
}

// An object is found by its name, and no object is there twice.
void Keep(const std::vector<ObjectMetadata>& objects) {
  sextant::kube::ObjectStore store;
  for (const ObjectMetadata& object : objects) {
    store.Put(object.ref, object.labels);
  }
  Expect(store.size() <= objects.size());
  for (const ObjectMetadata& object : objects) {
    sextant::model::ListRequest request;
    request.namespace_ = object.ref.namespace_;
    request.name = object.ref.name;
    if (!request.name.empty()) Expect(!store.Names(request).empty());
  }
  for (const ObjectMetadata& object : objects) store.Remove(object.ref);
  Expect(store.size() == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size < 1) return 0;
  const std::size_t piece = data[0] % 64 + 1U;
  const std::string_view text(reinterpret_cast<const char*>(data + 1),
                              size - 1);
  for (const auto read : {ReadList, ReadWatch}) {
    bool whole_good = false;
    bool parts_good = false;
    const std::vector<ObjectMetadata> whole = read(text, size, whole_good);
    const std::vector<ObjectMetadata> parts = read(text, piece, parts_good);
    Expect(whole_good == parts_good);
    Expect(whole == parts);
    Keep(whole);
  }
  return 0;
}
