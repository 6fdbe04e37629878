#include "kube/metadata_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "support/result_matchers.h"

namespace sextant::kube {
namespace {

// "shop/web-0 at 7 app=web tier="
std::string Text(const SeenObject& seen) {
  std::string text =
      seen.metadata.ref.namespace_ + "/" + seen.metadata.ref.name;
  if (!seen.resource_version.empty()) text += " at " + seen.resource_version;
  for (const auto& [key, value] : seen.metadata.labels) {
    text += " " + key + "=" + value;
  }
  if (seen.code != 0) text += " " + std::to_string(seen.code);
  if (!seen.reason.empty()) text += " " + seen.reason;
  if (!seen.message.empty()) text += ": " + seen.message;
  return text;
}

// Gives `text` to the reader in pieces; the first error, or Finish()'s.
template <typename Reader>
std::string Read(Reader& reader, std::string_view text, std::size_t piece) {
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    const Result<Done> taken = reader.Take(text.substr(0, piece));
    if (!taken) return taken.error().message;
  }
  const Result<Done> done = reader.Finish();
  return done ? "" : done.error().message;
}

TEST(ListReader, KeepsNamesAndLabelsWhateverElseThereIs) {
  struct Case {
    std::string text;
    std::vector<std::string> items;
    std::string list;  // version and continue
    std::string error;
  };
  const std::string unreadable = "the API server's list cannot be read: ";
  const Case cases[] = {
      {R"({"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1",
           "metadata":{"resourceVersion":"77","continue":"abc",
                       "remainingItemCount":3},
           "items":[
             {"kind":"PartialObjectMetadata","metadata":{
                "name":"web-0","namespace":"shop","resourceVersion":"12",
                "labels":{"app":"web","tier":""},
                "annotations":{"name":"no","labels":"no"},
                "ownerReferences":[{"name":"no","labels":{"a":"no"}}],
                "managedFields":[{"fieldsV1":{"f:metadata":{"f:labels":{}}}}]}},
             {"metadata":{"labels":null,"name":"web-1","namespace":"shop"}}]})",
       {"shop/web-0 at 12 app=web tier=", "shop/web-1"},
       "77 abc",
       ""},
      // A whole object, items before the list's metadata.
      {R"({"items":[{"spec":{"metadata":{"name":"no"},"items":[1]},
           "metadata":{"name":"node-0"},"status":{"reason":"no"}}],
           "metadata":{"resourceVersion":"5"},"kind":"NodeList"})",
       {"/node-0"},
       "5 ",
       ""},
      {R"({"metadata":{"resourceVersion":"5"},"items":null})", {}, "5 ", ""},
      {R"({"metadata":{},"items":[]})", {}, " ", ""},
      {R"({"kind":"Status","reason":"x"})",
       {},
       " ",
       unreadable + "it has no items"},
      {R"({"items":7})", {}, " ", unreadable + "its items are no list"},
      {R"({"items":[7]})",
       {},
       " ",
       unreadable + "what should be an object is none"},
      {R"({"items":[{"metadata":{"namespace":"a"}}]})",
       {},
       " ",
       unreadable + "an item has no name"},
      {R"({"items":[{"metadata":7}]})",
       {},
       " ",
       unreadable + "metadata or labels are no object"},
      {R"({"items":[{"metadata":{"labels":{"a":7}}}]})",
       {},
       " ",
       unreadable + "a name, version or label is no text"},
      {R"([])", {}, " ", unreadable + "what should be an object is none"},
      {R"(<html>)", {}, " ", unreadable + "not JSON: syntax error"},
      {"", {}, " ", unreadable + "EOF"},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{7}, std::string::npos}) {
      SCOPED_TRACE(c.text);
      std::vector<std::string> items;
      ListReader reader(
          [&](const SeenObject& item) { items.push_back(Text(item)); });
      EXPECT_EQ(Read(reader, c.text, piece), c.error);
      EXPECT_EQ(items, c.items);
      EXPECT_EQ(
          reader.list().resource_version + " " + reader.list().continue_token,
          c.list);
    }
  }
}

TEST(WatchReader, TellsEventsOneByOne) {
  struct Case {
    std::string text;
    std::vector<std::string> events;
    std::string error;
  };
  const std::string unreadable = "the API server's watch cannot be read: ";
  const Case cases[] = {
      {R"({"type":"ADDED","object":{"metadata":{"name":"a","namespace":"n",
           "resourceVersion":"1","labels":{"k":"v"}}}}
         {"object":{"metadata":{"name":"a","resourceVersion":"2"},
           "spec":{"type":"no"}},"type":"MODIFIED","more":{"object":{}}}
         {"type":"DELETED","object":{"metadata":{"name":"a"}}}
         {"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}
         {"type":"ERROR","object":{"kind":"Status","metadata":{},"code":410,
           "reason":"Expired","message":"too old"}})",
       {"0 n/a at 1 k=v", "1 /a at 2", "2 /a", "3 / at 9",
        "4 / 410 Expired: too old"},
       ""},
      {"", {}, ""},
      {"\n", {}, ""},
      {R"({"type":"ADDED","object":{"metadata":{}}})",
       {},
       unreadable + "an object has no name"},
      {R"({"type":"ADDED"})", {}, unreadable + "an event has no object"},
      {R"({"type":"PUSHED","object":{}})",
       {},
       unreadable + "an event has no type that is known"},
      {R"({"type":"ADDED","object":7})",
       {},
       unreadable + "what should be an object is none"},
      {"7 ", {}, unreadable + "an event is no object"},
      {R"({"type":"BOOKMARK","object":{}}]", )",
       {"3 /"},
       unreadable + "not JSON: syntax error"},
      {R"({"type":)",
       {},
       unreadable + "the reply ends too early, after byte 8"},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{7}, std::string::npos}) {
      SCOPED_TRACE(c.text);
      std::vector<std::string> events;
      WatchReader reader([&](const WatchEvent& event) -> Result<Done> {
        events.push_back(std::to_string(static_cast<int>(event.type)) + " " +
                         Text(event.object));
        return Done{};
      });
      EXPECT_EQ(Read(reader, c.text, piece), c.error);
      EXPECT_EQ(events, c.events);
    }
  }
}

TEST(WatchReader, AnErrorOfItsTakerEndsTheReading) {
  int events = 0;
  WatchReader reader([&](const WatchEvent&) -> Result<Done> {
    ++events;
    return Error{ErrorCode::kInternal, "enough", ""};
  });
  const std::string event = R"({"type":"BOOKMARK","object":{}})";
  EXPECT_THAT(reader.Take(event + event),
              FailsWith(ErrorCode::kInternal, "enough"));
  EXPECT_THAT(reader.Finish(), FailsWith(ErrorCode::kInternal, "enough"));
  EXPECT_EQ(events, 1);
}

}  // namespace
}  // namespace sextant::kube
