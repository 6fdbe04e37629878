// Each server's keys become the flags that they stand for, and are read as
// those are: what the flags learn, the file knows.

#include "backends_reader.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "backend_flags.h"
#include "complaints.h"
#include "flag_value.h"
#include "given_flags.h"
#include "sextant/base/text.h"
#include "sextant/base/time_text.h"

namespace sextant::config {
namespace {

constexpr std::size_t kMostBackends = 50;

// "prometheus-token-file" -> "tokenFile"
std::string KeyOf(const Flag& flag) {
  if (flag.name == "backend") return "dialect";
  if (flag.name == "prometheus-header") return "headers";
  std::string_view rest = flag.name;
  for (const std::string_view prefix : {"prometheus-", "backend-"}) {
    if (rest.starts_with(prefix)) rest.remove_prefix(prefix.size());
  }
  std::string key;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] != '-') {
      key += rest[i];
    } else if (++i < rest.size()) {
      key += rest[i] >= 'a' && rest[i] <= 'z'
                 ? static_cast<char>(rest[i] - 'a' + 'A')
                 : rest[i];
    }
  }
  return key;
}

// Label values of metrics, and parts of messages.
bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= 63 &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
             "-_.") == std::string::npos;
}

// The flags that a server's keys stand for, and where each stands.
struct Arguments {
  std::vector<std::string> texts;
  std::map<std::string, Position, std::less<>> places;  // by key
  std::vector<std::string> keys;                        // in the file's order
};

Field FlagField(const Flag& flag, Arguments& arguments) {
  return {KeyOf(flag),
          [&flag, &arguments](const YamlNode& node, const Place& place) {
            const std::string key = KeyOf(flag);
            arguments.places[key] = node.at;
            arguments.keys.push_back(key);
            if (!node.is_scalar()) {
              place.Error(node.at, "must be a text, not " + Describe(node));
            } else if (const auto wrong = WrongValue(flag, node.scalar)) {
              place.Error(node.at, *wrong);
            } else {
              arguments.texts.push_back("--" + std::string(flag.name) + "=" +
                                        node.scalar);
            }
          }};
}

Field HeadersField(const Flag& flag, Arguments& arguments) {
  return {"headers",
          [&flag, &arguments](const YamlNode& node, const Place& place) {
            arguments.places["headers"] = node.at;
            arguments.keys.emplace_back("headers");
            if (!node.is_map()) {
              place.Error(node.at, "must be a map, not " + Describe(node),
                          "write NAME: VALUE, a line each");
              return;
            }
            for (const YamlEntry& entry : node.entries) {
              // The value may be a secret.
              if (!entry.value->is_scalar()) {
                place.Key(entry.key).Error(entry.at, "must be a text");
                continue;
              }
              arguments.texts.push_back("--" + std::string(flag.name) + "=" +
                                        entry.key + "=" + entry.value->scalar);
            }
          }};
}

Field NumberField(std::string key, std::uint32_t& out) {
  return {std::move(key), [&out](const YamlNode& node, const Place& place) {
            const std::optional<std::int64_t> number =
                node.is_scalar() ? ReadInteger(node.scalar) : std::nullopt;
            constexpr std::int64_t kMost = 100000;
            if (!number || *number < 0 || *number > kMost) {
              place.Error(node.at, "must be a number from 0 to 100000, not " +
                                       Describe(node));
              return;
            }
            out = static_cast<std::uint32_t>(*number);
          }};
}

Field PauseField(std::string key, Duration& out) {
  return {
      std::move(key), [&out](const YamlNode& node, const Place& place) {
        const Result<Duration> pause =
            node.is_scalar() ? ParseGoDuration(node.scalar)
                             : Error{ErrorCode::kInvalidArgument, "", ""};
        if (!pause || pause->count() <= 0 || *pause > kLongestBackendTimeout) {
          place.Error(node.at,
                      "must be a time of 5m at most, not " + Describe(node),
                      "write it like 500ms or 10s");
          return;
        }
        out = *pause;
      }};
}

Field NamesField(std::string key, std::vector<std::string>& out) {
  return {std::move(key), [&out](const YamlNode& node, const Place& place) {
            TakeItems(node, place, "names",
                      [&out](const YamlNode& item, const Place& item_place) {
                        if (!item.is_scalar() || item.scalar.empty()) {
                          item_place.Error(
                              item.at, "must be a name, not " + Describe(item));
                          return;
                        }
                        out.push_back(item.scalar);
                      });
          }};
}

// Complaints are about flags and begin with the one that they mean.
void ReportComplaints(const Complaints& complaints, const Arguments& arguments,
                      const Backend& backend, const Place& place) {
  if (complaints.empty()) return;
  for (const std::string& line : Split(complaints.ToError().message, '\n')) {
    const std::string text = InKeysOfBackends(line);
    const auto at = arguments.places.find(
        std::string_view(text).substr(0, text.find_first_of(":=")));
    place.Error(at == arguments.places.end() ? backend.at : at->second, text);
  }
}

void ReadServer(const Arguments& arguments, const Place& place,
                Backend& backend) {
  const FlagGroup group{"Backend", BackendFlagRows()};
  Complaints complaints;
  std::vector<std::string> rest;
  std::vector<std::string> warnings;
  GivenFlags given =
      GivenFlags::Take(arguments.texts, std::span(&group, 1), rest, complaints);
  given.CheckValues(complaints);
  ReadBackendFlags(given, backend.flags, warnings, complaints);
  ReportComplaints(complaints, arguments, backend, place);
  for (const std::string& warning : warnings) {
    place.problems.Warning(place.file, backend.at, place.path,
                           InKeysOfBackends(warning));
  }
  const std::string& url = backend.flags.url;
  const auto url_at = arguments.places.find("url");
  if (url_at == arguments.places.end()) {
    place.Error(backend.at, "has no url", "write url: http://HOST:PORT");
  } else if (!url.starts_with("http://") && !url.starts_with("https://")) {
    // Not the value, which may hold a password.
    place.Key("url").Error(url_at->second,
                           "must begin with http:// or https://");
  }
  if (backend.flags.timeout > kLongestBackendTimeout) {
    place.Key("timeout").Error(arguments.places.at("timeout"),
                               "must be 5m at most");
  }
}

void CheckKind(const Arguments& arguments, const Place& place,
               const Backend& backend) {
  if (!backend.failover.empty() && !backend.shards.empty()) {
    place.Error(backend.at, "has both failover and shards",
                "make a backend of each, and name one in the other");
  }
  for (const std::string& key : arguments.keys) {
    place.Key(key).Error(arguments.places.at(key),
                         "belongs to a server, and this backend is made of "
                         "others",
                         "give it to those");
  }
  if (backend.failover.size() == 1 || backend.shards.size() == 1) {
    place.Error(backend.at, "needs two backends or more");
  }
  if (!backend.shards.empty() && backend.sharded_by.empty()) {
    place.Error(backend.at, "shards need shardedBy",
                "write the labels of which no value is in two shards, for "
                "example shardedBy: [pod, node]");
  }
}

Backend TakeBackend(const YamlNode& node, const Place& place) {
  Backend backend;
  backend.path = place.path;
  backend.at = node.at;
  Arguments arguments;
  Position name_at = node.at;
  std::vector<Field> fields = {
      {"name",
       [&](const YamlNode& value, const Place& at) {
         name_at = value.at;
         if (!value.is_scalar() || !IsName(value.scalar)) {
           at.Error(value.at,
                    "must be a name of letters, digits, \"-\", \"_\" and "
                    "\".\", 63 at most, not " +
                        Describe(value));
           return;
         }
         backend.name = value.scalar;
       }},
      NumberField("maxInFlight", backend.max_in_flight),
      {"circuitBreaker",
       [&](const YamlNode& value, const Place& at) {
         TakeFields(value, at, "circuitBreaker",
                    {NumberField("failures", backend.failures),
                     PauseField("pause", backend.pause),
                     PauseField("longestPause", backend.longest_pause)});
       }},
      NamesField("failover", backend.failover),
      NamesField("shards", backend.shards),
      NamesField("shardedBy", backend.sharded_by)};
  for (const Flag& flag : BackendFlagRows()) {
    if (flag.fate != FlagFate::kActs) continue;
    fields.push_back(flag.name == "prometheus-header"
                         ? HeadersField(flag, arguments)
                         : FlagField(flag, arguments));
  }
  const std::size_t before = place.problems.Count(Problem::Severity::kError);
  TakeFields(node, place, "a backend", fields);
  const bool good = place.problems.Count(Problem::Severity::kError) == before;
  if (good && backend.name.empty()) {
    place.Error(name_at, "has no name", "write name: NAME");
  }
  if (!good) return backend;  // more would be about what was meant otherwise
  if (backend.is_server()) {
    ReadServer(arguments, place, backend);
  } else {
    CheckKind(arguments, place, backend);
  }
  return backend;
}

// Does `name` lead to itself?  Such chains are short: there are few backends.
bool LeadsTo(const std::vector<Backend>& backends, const std::string& from,
             const std::string& name, std::size_t depth) {
  if (depth > backends.size()) return true;
  for (const Backend& backend : backends) {
    if (backend.name != from) continue;
    for (const auto* members : {&backend.failover, &backend.shards}) {
      for (const std::string& member : *members) {
        if (member == name || LeadsTo(backends, member, name, depth + 1)) {
          return true;
        }
      }
    }
  }
  return false;
}

void CheckMembers(const std::vector<Backend>& backends, const Place& place) {
  const std::vector<std::string> names = NamesOfBackends(backends);
  for (std::size_t i = 0; i < backends.size(); ++i) {
    const Backend& backend = backends[i];
    const Place at = place.Item(i);
    for (std::size_t j = 0; j < i; ++j) {
      if (!backend.name.empty() && backends[j].name == backend.name) {
        at.Error(backend.at,
                 "the name " + GoQuote(backend.name) + " is given twice");
      }
    }
    bool known = true;
    std::set<std::string> seen;
    for (const auto* members : {&backend.failover, &backend.shards}) {
      for (const std::string& member : *members) {
        if (std::find(names.begin(), names.end(), member) == names.end()) {
          known = false;
          const auto near = NearestWord(member, names);
          at.Error(backend.at, "there is no backend " + GoQuote(member),
                   near ? "did you mean \"" + *near + "\"?"
                        : "known: " + Join(names, ", "));
        } else if (!seen.insert(member).second) {
          at.Error(backend.at, "names " + GoQuote(member) + " twice");
        }
      }
    }
    if (known && LeadsTo(backends, backend.name, backend.name, 0)) {
      at.Error(backend.at, GoQuote(backend.name) + " is made of itself");
    }
  }
}

}  // namespace

void TakeBackends(const YamlNode& node, const Place& place,
                  std::vector<Backend>& out) {
  if (node.items.size() > kMostBackends) {
    place.Error(node.at, "has more than 50 backends");
    return;
  }
  const std::size_t before = place.problems.Count(Problem::Severity::kError);
  TakeItems(node, place, "backends",
            [&out](const YamlNode& item, const Place& item_place) {
              out.push_back(TakeBackend(item, item_place));
            });
  if (place.problems.Count(Problem::Severity::kError) == before) {
    CheckMembers(out, place);
  }
}

std::vector<std::string> NamesOfBackends(const std::vector<Backend>& backends) {
  std::vector<std::string> names = {kDefaultBackend};
  for (const Backend& backend : backends) {
    if (!backend.name.empty() && backend.name != kDefaultBackend) {
      names.push_back(backend.name);
    }
  }
  return names;
}

// NOLINTNEXTLINE(misc-no-recursion): the reader bounds the depth.
std::string ContentOf(const YamlNode& node) {
  std::string content;
  for (const YamlNodePtr& item : node.items) content += "-" + ContentOf(*item);
  for (const YamlEntry& entry : node.entries) {
    content += GoQuote(entry.key) + ":" + ContentOf(*entry.value);
  }
  return "(" + content + GoQuote(node.scalar) + ")";
}

std::string InKeysOfBackends(std::string text) {
  std::vector<std::pair<std::string, std::string>> words;
  for (const Flag& flag : BackendFlagRows()) {
    words.emplace_back("--" + std::string(flag.name), KeyOf(flag));
    // As prometheus-adapter writes them in errors.
    if (flag.name.starts_with("prometheus-")) {
      words.emplace_back(flag.name, KeyOf(flag));
    }
  }
  std::sort(words.begin(), words.end(), [](const auto& a, const auto& b) {
    return a.first.size() > b.first.size();
  });
  for (const auto& [flag, key] : words) {
    for (std::size_t at = 0; (at = text.find(flag, at)) != std::string::npos;) {
      const bool value = text.substr(at + flag.size(), 1) == "=";
      text.replace(at, flag.size() + (value ? 1 : 0),
                   key + (value ? ": " : ""));
      at += key.size();
    }
  }
  return text;
}

}  // namespace sextant::config
