#include "config/yaml_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sextant::config {
namespace {

std::string Dump(const YamlNode& node) {
  std::string text;
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "null";
    case YamlNode::Kind::kScalar:
      return node.plain ? node.scalar : "'" + node.scalar + "'";
    case YamlNode::Kind::kSequence:
      for (const YamlNodePtr& item : node.items) {
        text += (text.empty() ? "" : ", ") + Dump(*item);
      }
      return "[" + text + "]";
    case YamlNode::Kind::kMap:
      for (const YamlEntry& entry : node.entries) {
        text +=
            (text.empty() ? "" : ", ") + entry.key + ": " + Dump(*entry.value);
      }
      return "{" + text + "}";
  }
  return text;
}

// All documents, or what is wrong.
std::string Read(const std::string& text, YamlLimits limits = {}) {
  limits.all_documents = true;
  Problems problems;
  std::string dump;
  for (const YamlNodePtr& document : ReadYaml("f", text, limits, problems)) {
    dump += (dump.empty() ? "" : " --- ") + Dump(*document);
  }
  return problems.all().empty() ? dump : problems.ErrorText();
}

TEST(YamlReader, ReadsWhatIsRight) {
  const struct {
    std::string text;
    std::string want;
  } cases[] = {
      {"", ""},
      {"# nothing\n", ""},
      {"a: 1\nb: [x, 'y', \"z\"]\n", "{a: 1, b: [x, 'y', 'z']}"},
      {"\xEF\xBB\xBF"
       "a: b\n",
       "{a: b}"},
      {"a: b\r\nc: d\r\n", "{a: b, c: d}"},
      {"a:\nb: ~\nc: null\nd: 'null'\n",
       "{a: null, b: null, c: null, d: 'null'}"},
      {"a: |\n  x\n  y\n", "{a: 'x\ny\n'}"},
      {"a: !!str 5\nb: !!int 5\n", "{a: '5', b: 5}"},
      {"{\"a\": [1, {\"b\": null}]}", "{a: [1, {b: null}]}"},
      {"a: {b, c}\n", "{a: {b: null, c: null}}"},
      {"a: <<.Resource>>\n", "{a: <<.Resource>>}"},
      {"a: 'it''s'\n", "{a: 'it's'}"},
      {"a: \"say \\\"x\\\"\"\n", "{a: 'say \"x\"'}"},
      {"a: &x 'q'\nb: *x\n", "{a: 'q', b: 'q'}"},
      {"\"a\": b\n? c\n: d\n", "{a: b, c: d}"},
      {"a:\tb\n", "{a: b}"},
      {"a: \"x\n\ty\"\n", "{a: 'x y'}"},
      {"---\na: b\n...\n", "{a: b}"},
      {"# x\n%YAML 1.1\n%TAG ! tag:x,2000:\n---\na: b\n...\n%YAML "
       "1.1\n---\nc\n",
       "{a: b} --- c"},
      {"a: b\n---\nc: d\n", "{a: b} --- {c: d}"},
      {"a: b\n...\nc: d\n", "{a: b} --- {c: d}"},
      {"\xC3\xA9: \xE2\x82\xAC \xF0\x9F\x98\x80\n",
       "{\xC3\xA9: \xE2\x82\xAC \xF0\x9F\x98\x80}"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(Read(c.text), c.want);
  }
}

TEST(YamlReader, MergesMaps) {
  const struct {
    std::string text;
    std::string want;
  } cases[] = {
      {"- &a {x: 1, y: 2}\n- {<<: *a, z: 3}\n",
       "[{x: 1, y: 2}, {x: 1, y: 2, z: 3}]"},
      // Explicit keys win, wherever they stand.
      {"- &a {x: 1, y: 2}\n- {y: 5, <<: *a}\n- {<<: *a, y: 5}\n",
       "[{x: 1, y: 2}, {y: 5, x: 1}, {x: 1, y: 5}]"},
      // Of several maps the first one wins.
      {"- &a {x: 1}\n- &b {x: 2, y: 2}\n- {<<: [*a, *b]}\n",
       "[{x: 1}, {x: 2, y: 2}, {x: 1, y: 2}]"},
      {"- &a {x: 1}\n- &b {<<: *a, y: 2}\n- <<: *b\n  z: 3\n",
       "[{x: 1}, {x: 1, y: 2}, {x: 1, y: 2, z: 3}]"},
      {"{<<: {x: 1}}", "{x: 1}"},
      {"{<<: []}", "{}"},
      // In quotes it is a key like any other.
      {"{\"<<\": 1, <<: {x: 2}}", "{<<: 1, x: 2}"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(Read(c.text), c.want);
  }
}

TEST(YamlReader, RefusesWhatMayBeASlip) {
  const struct {
    std::string text;
    std::string want;
  } cases[] = {
      {"a: 1\nb: 2\na: 3\n",
       "f:3:1: a: \"a\" is given twice, first on line 1; remove one of the "
       "two"},
      {"a: 1\nb: [{c: 1, c: 2, c: 3}]\n",
       "f:2:12: b[0].c: \"c\" is given twice, first on line 2; remove one of "
       "the two\n"
       "f:2:18: b[0].c: \"c\" is given twice, first on line 2; remove one of "
       "the two"},
      {"- &a {x: 1}\n- {<<: *a, <<: *a}\n",
       "f:2:12: [1].<<: \"<<\" is given twice, first on line 2; write <<: [*a, "
       "*b] to merge two maps"},
      {"a: !secret x\nb: !!binary eA==\n",
       "f:1:4: a: the tag \"!secret\" means nothing here; leave the tag out\n"
       "f:2:4: b: the tag \"tag:yaml.org,2002:binary\" means nothing here; "
       "leave the tag out"},
      {"a: !!map []\n",
       "f:1:4: a: the tag \"tag:yaml.org,2002:map\" means nothing here; leave "
       "the tag out"},
      {"[a]: b\n",
       "f:1:1: a key must be a text, not a list or a map; a value that begins "
       "with [ or { needs quotes"},
      {"a: {{ .Values.x }}\n",
       "f:1:5: a: a key must be a text, not a list or a map; a value that "
       "begins with [ or { needs quotes"},
      {"~: b\n", "f:1:1: a key is missing, or is null; write it in quotes"},
      {"rules: []\nnot-a-key\n",
       "f:2:1: \"not-a-key\" has no \":\" after it; write \"not-a-key: "
       "VALUE\", or check the indentation"},
      {"a: *b\n",
       "f:1:4: the alias stands for an anchor that is not defined before it; "
       "define it with &NAME, or put a text that begins with * in quotes"},
      {"a: &a [*a]\n",
       "f:1:8: a[0]: the alias is part of what it stands for; write the values "
       "out"},
      {"&a b: &c {<<: *c}\n",
       "f:1:15: b.<<: the alias is part of what it stands for; write the "
       "values out"},
      {"<<: 5\n",
       "f:1:1: \"<<\" merges maps, and this is none; write <<: *NAME of a "
       "map, or put \"<<\" in quotes"},
      {"<<: [5]\n",
       "f:1:1: \"<<\" merges maps, and this is none; write <<: *NAME of a "
       "map, or put \"<<\" in quotes"},
      {"a: \"x\nb: c\n",
       "f:1:4: a: the quoted text is never closed; check the quotes; is the "
       "end of the file missing?"},
      {"a: 'it''s\n",
       "f:1:4: a: the quoted text is never closed; check the quotes; is the "
       "end of the file missing?"},
      {"a: &x !!str \"x\\\"\n",
       "f:1:13: a: the quoted text is never closed; check the quotes; is the "
       "end of the file missing?"},
      {"a:\n\t- b\n",
       "f:2:2: a list cannot begin here; check the indentation of the dash; "
       "tabs do not indent"},
      {"a:\n\tb\n", "f:2:2: a: the line is indented with a tab; use blanks"},
      {"a:\n-\tb\n",
       "f:2:3: a[0]: the line is indented with a tab; use blanks"},
      {"a: \"x\" y\n",
       "f:1:8: this is neither a key of the map nor its end; check the "
       "indentation, and the quotes of the line before; quotes inside a quoted "
       "text are written \\\""},
      {"a: b: c\n",
       "f:1:5: a \":\" stands where no key can be; put a text that has \": \" "
       "in it in quotes, or check the indentation"},
      {"a: [b\n", "f:2:1: a \"[\" is never closed; add the \"]\""},
      {"{\"a\": 1} x\n",
       "f:1:10: the document has ended before this; check the indentation and "
       "the brackets; a new document begins with ---"},
      {"a\n...\n,b\n",
       "f:3:1: this character cannot begin a document; remove it, or put the "
       "text in quotes"},
      {"a:\n%- b\n",
       "f:2:1: a line that begins with % is no part of a document; comments "
       "begin with #"},
      {"a: b\n%YAML 1.1\n",
       "f:2:1: a line that begins with % is no part of a document; comments "
       "begin with #"},
      {"a: \xFF\n", "f:1:4: the file is not UTF-8; save it as UTF-8"},
      {"a: b\nc: \xC3", "f:2:4: the file is not UTF-8; save it as UTF-8"},
      {std::string("a: b\0c", 6),
       "f:1:5: there is a control character in the file; remove it; in double "
       "quotes it can be written as \\xNN"},
      {"a: \x04 b",
       "f:1:4: there is a control character in the file; remove it; in double "
       "quotes it can be written as \\xNN"},
      {"a: b\rc: d",
       "f:1:5: there is a control character in the file; remove it; in double "
       "quotes it can be written as \\xNN"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(Read(c.text), c.want);
  }
}

std::string Repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(YamlReader, RefusesDeepNesting) {
  EXPECT_EQ(Read(Repeat("[", 100) + Repeat("]", 100)),
            Repeat("[", 100) + Repeat("]", 100));
  EXPECT_EQ(Read(Repeat("[", 101) + Repeat("]", 101)),
            "f:1:101: " + Repeat("[0]", 100) +
                ": nested deeper than 100 levels; use fewer levels");
  for (const std::string level : {"[", "{a: ", "- ", "? "}) {
    SCOPED_TRACE(level);
    EXPECT_NE(Read(Repeat(level, 100'000)).find("f:1:"), std::string::npos);
  }
}

TEST(YamlReader, CountsTheLevelsInsideAliases) {
  std::string text = "- &x0 [a]\n";
  for (int i = 1; i < 120; ++i) {
    text += "- &x" + std::to_string(i) + " [*x" + std::to_string(i - 1) + "]\n";
  }
  EXPECT_EQ(Read(text),
            "f:99:9: [98][0]: nested deeper than 100 levels when its aliases "
            "are written out; use fewer levels");
}

TEST(YamlReader, RefusesABomb) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1) + ", ";
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" +
            Repeat(alias, 9) + alias.substr(0, alias.size() - 2) + "]\n";
  }
  const std::string got = Read(text);
  EXPECT_EQ(got,
            "f:6:45: a5[7]: the file is too large when its aliases are "
            "written out: more than 1000000 values; use fewer aliases");
}

TEST(YamlReader, RefusesABombOfMergedMaps) {
  std::string text = "a0: &a0 {k0: {x: 1, y: 2}}\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) +
            " {<<: " + before + ", k" + std::to_string(i) + ": " + before +
            "}\n";
  }
  EXPECT_NE(Read(text).find("too large when its aliases are written out"),
            std::string::npos);
}

TEST(YamlReader, CountsLongTextsInsideAliases) {
  YamlLimits limits;
  limits.nodes = 1000;
  const std::string text = "- &a " + Repeat("x", 6400) + "\n";
  EXPECT_NE(Read(text + Repeat("- *a\n", 8), limits).find("[xxx"),
            std::string::npos);
  EXPECT_NE(Read(text + Repeat("- *a\n", 12), limits).find("too large"),
            std::string::npos);
}

TEST(YamlReader, RefusesAFileThatIsTooLarge) {
  YamlLimits limits;
  limits.bytes = 9;
  EXPECT_EQ(Read("a: 123456", limits), "{a: 123456}");
  EXPECT_EQ(Read("a: 1234567", limits),
            "f: the file has more than 9 bytes; split it");
}

TEST(YamlReader, PassesOverLaterDocumentsWithAWarning) {
  Problems problems;
  const std::vector<YamlNodePtr> documents =
      ReadYaml("f", "a: b\n---\n c: [\n", YamlLimits{}, problems);
  ASSERT_EQ(documents.size(), 1U);
  EXPECT_EQ(Dump(*documents[0]), "{a: b}");
  ASSERT_EQ(problems.all().size(), 1U);
  EXPECT_EQ(problems.all()[0].ToString(),
            "f:2:1: warning: only the first document of the file is read, and "
            "here begins another; move it to a file of its own, or remove the "
            "---");
}

TEST(YamlReader, KnowsWhereThingsStand) {
  Problems problems;
  const std::vector<YamlNodePtr> documents =
      ReadYaml("f", "a:\n  - b: c\n    d: &x\n      e: f\n  - *x\n",
               YamlLimits{}, problems);
  ASSERT_EQ(documents.size(), 1U);
  const YamlEntry& a = documents[0]->entries.at(0);
  EXPECT_EQ(a.at, (Position{1, 1}));
  EXPECT_EQ(a.value->at, (Position{2, 3}));
  const YamlNode& item = *a.value->items.at(0);
  EXPECT_EQ(item.at, (Position{2, 5}));
  EXPECT_EQ(item.entries.at(0).value->at, (Position{2, 8}));
  EXPECT_EQ(item.entries.at(1).at, (Position{3, 5}));
  // An alias is where its anchor is.
  EXPECT_EQ(a.value->items.at(1), item.entries.at(1).value);
}

}  // namespace
}  // namespace sextant::config
