#include "rules/template.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/result_matchers.h"

namespace sextant::rules {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// What the tables below render: strings S and E (empty), list L, map M.
std::string RenderTable(const std::string& text) {
  Record record;
  record.fields = {{"S", std::string("m")},
                   {"E", std::string()},
                   {"L", List{"b", "a"}},
                   {"M", Map{{"k", "v"}, {"a", "b"}}}};
  const Result<Template> parsed = Template::Parse("t", text);
  if (!parsed) return "refused, " + parsed.error().message;
  Result<std::string> rendered = parsed->Render(record);
  return rendered ? *rendered : rendered.error().message;
}

struct TemplateCase {
  std::string text;
  std::string expected;
};

void ExpectAll(const std::vector<TemplateCase>& cases) {
  for (const TemplateCase& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(RenderTable(c.text), c.expected);
  }
}

TEST(Template, CopiesWhatIsOutsideOfItsDelimiters) {
  ExpectAll({
      {"", ""},
      {"a{b=\"c\"}[5m] > 1", "a{b=\"c\"}[5m] > 1"},
      {"{{ .S }} ${.S}$ $1 < > >>", "{{ .S }} ${.S}$ $1 < > >>"},
      {"<<.S>>_bucket\n", "m_bucket\n"},
      {"é<<.S>>日", "ém日"},
  });
}

TEST(Template, TrimsAndLeavesOutComments) {
  ExpectAll({
      {"a <<- .S ->> b", "amb"},
      {"a \n<<- .S>> b", "am b"},
      {"a <<.S ->>\t\n b", "a mb"},
      {"a<</* c >> d */>>b", "ab"},
      {"a <<- /* c */ ->> b", "ab"},
      {"<<-3>>", "-3"},
      {"<<\n.S\n>>", "m"},
  });
}

TEST(Template, ReadsLiteralsAsGo) {
  ExpectAll({
      {"<<1_000>> <<0x1F>> <<010>> <<0b11>> <<-3>> <<+3>>", "1000 31 8 3 -3 3"},
      {"<<1.5>> <<.5>> <<1e3>> <<1e6>> <<1e-5>> <<0x1p4>>",
       "1.5 0.5 1000 1e+06 1e-05 16"},
      {"<<'a'>> <<'\\n'>> <<'é'>> <<'\\''>>", "97 10 233 39"},
      {"<<\"a\\tb\\\"\\x41\\101\\u00e9\">>", "a\tb\"AAé"},
      {"<<`a\\n\"b`>>", "a\\n\"b"},
      {"<<true>> <<false>>", "true false"},
  });
}

TEST(Template, ReachesFieldsMapsAndVariables) {
  ExpectAll({
      {"<<.S>><<$.S>>", "mm"},
      {"<<.M.k>> <<.M.zz>> <<.M.zz.y>> <<(.M).k>>",
       "v <no value> <no value> v"},
      {"<<.L>> <<.M>> <<.>>", "[b a] map[a:b k:v] {m  [b a] map[a:b k:v]}"},
      {"<<$x := .M>><<$x.k>>", "v"},
      {"<<$x := 1>><<if .S>><<$x = 2>><<end>><<$x>>", "2"},
      {"<<$x := 1>><<if .S>><<$x := 2>><<$x>><<end>><<$x>>", "21"},
      {"<<index .M \"k\">>|<<index .M \"zz\">>|<<index .L 1>>|<<index .S 0>>",
       "v||a|109"},
      {"<<slice .L 1>> <<slice .S 0 1>> <<slice .L 0 1 2>>", "[a] m [b]"},
      {"<<len .L>> <<len .M>> <<len .S>>", "2 2 1"},
  });
}

TEST(Template, BranchesAndRepeats) {
  ExpectAll({
      {"<<if .E>>a<<else if .S>>b<<else>>c<<end>>", "b"},
      {"<<if .E>>a<<else if .E>>b<<else>>c<<end>>", "c"},
      {"<<if .M.zz>>a<<end>>", ""},
      {"<<with .S>><<.>><<else>>no<<end>>", "m"},
      {"<<with .E>>a<<else with .S>><<.>><<end>>", "m"},
      {"<<with $x := .S>><<$x>><<end>>", "m"},
      {"<<range .L>>[<<.>>]<<end>>", "[b][a]"},
      {"<<range $i, $e := .L>><<if $i>>,<<end>><<$e>><<end>>", "b,a"},
      {"<<range $k, $v := .M>><<$k>>=<<$v>>;<<end>>", "a=b;k=v;"},
      {"<<range $v := .M>><<$v>>;<<end>>", "b;v;"},
      {"<<range slice .L 2>>a<<else>>none<<end>>", "none"},
      {"<<range .M.zz>>a<<else>>none<<end>>", "none"},
      {"<<range .L>><<break>>x<<end>>.", "."},
      {"<<range $i, $e := .L>><<if $i>><<continue>><<end>><<$e>><<end>>", "b"},
      {"<<range $a := .L>><<range $b := $.L>><<$a>><<$b>> <<end>><<end>>",
       "bb ba ab aa "},
      {"<<$k := 1>><<range $k = .L>><<end>><<$k>>", "a"},
      {"<<range 3>><<.>><<end>>",
       "template: t:1:8: executing \"t\" at <3>: range can't iterate over 3"},
  });
}

TEST(Template, ComparesAndDecides) {
  ExpectAll({
      {"<<eq .S \"a\" \"m\">> <<ne .S \"m\">> <<eq 1 2>>", "true false false"},
      {"<<lt 1 2>> <<le 2 2>> <<gt \"b\" \"a\">> <<ge 1.5 2.5>>",
       "true true true false"},
      {"<<eq .M.zz \"\">> <<eq nil nil>>", "false true"},
      {"<<not .E>> <<not .L>>", "true false"},
      {"<<and .S .E .L>>|<<and .S .L>>", "|[b a]"},
      {"<<or .E 0 .S>>|<<or .E 0>>", "m|0"},
      // The rest is not looked at.
      {"<<or .S (index .L 9)>> <<and 0 (index .L 9)>>", "m 0"},
      {"<<if and .S (eq .S \"m\")>>y<<end>>", "y"},
  });
}

TEST(Template, PutsThroughPipelines) {
  ExpectAll({
      {"<<.S | printf \"%s{%s}\" \"pre\">>", "pre{m}"},
      {"<<.L | len | print \"n=\">>", "n=2"},
      {"<<print (printf \"%s\" \"abc\" | len) .S>>", "3m"},
      {"<<(1)>>", "1"},
  });
}

TEST(Template, EscapesAsGo) {
  ExpectAll({
      {"<<html \"a'b\\\"&<>\">>", "a&#39;b&#34;&amp;&lt;&gt;"},
      {"<<js \"é<\\n>'=\">>", "é\\u003C\\u000A\\u003E\\'\\u003D"},
      {"<<urlquery \"a b\" \"|~\">>", "a+b%7C~"},
      {"<<html .M.zz>>", "&lt;no value&gt;"},
      {"<<print 1 2 \"a\" 3>>|<<print nil>>", "1 2a3|<nil>"},
      {"<<println .S 1>>", "m 1\n"},
  });
}

TEST(Template, SaysWhereAndWhyItFails) {
  ExpectAll({
      {"<<slice .S 0 3>>",
       "template: t:1:2: executing \"t\" at <slice .S 0 3>: error calling "
       "slice: index out of range: 3"},
      {"a\n <<len 3>>",
       "template: t:2:3: executing \"t\" at <len 3>: error calling len: len of "
       "type int"},
      {"<<.Nope>>",
       "template: t:1:2: executing \"t\" at <.Nope>: can't evaluate field "
       "Nope: "
       "the fields are S, E, L, M"},
      {"<<.S.x>>",
       "template: t:1:2: executing \"t\" at <.S.x>: can't evaluate field x in "
       "type string"},
      {"<<.S 1>>",
       "template: t:1:2: executing \"t\" at <.S>: S has arguments but cannot "
       "be "
       "invoked as function"},
      {"<<3 4>>",
       "template: t:1:2: executing \"t\" at <3>: can't give argument to "
       "non-function 3"},
      {"<<nil>>",
       "template: t:1:2: executing \"t\" at <nil>: nil is not a command"},
      {"<<len>>",
       "template: t:1:2: executing \"t\" at <len>: wrong number of args for "
       "len: "
       "want 1 got 0"},
      {"<<index .M 1>>",
       "template: t:1:2: executing \"t\" at <index .M 1>: error calling index: "
       "value has type int; should be string"},
      {"<<eq .S 1>>",
       "template: t:1:2: executing \"t\" at <eq .S 1>: error calling eq: "
       "incompatible types for comparison: string and int"},
      {"<<eq .L .L>>",
       "template: t:1:2: executing \"t\" at <eq .L .L>: error calling eq: "
       "non-comparable type [b a]: []string"},
      {"<<lt true false>>",
       "template: t:1:2: executing \"t\" at <lt true false>: error calling lt: "
       "invalid type for comparison"},
      {"<<printf \"%c\" 65>>",
       "template: t:1:2: executing \"t\" at <printf \"%c\" 65>: error calling "
       "printf: the verb %c of printf is not supported"},
  });
}

TEST(Template, RefusesWhatGoRefusesAndWhatItDoesNotKnow) {
  ExpectAll({
      {"<<.S", "refused, line 1, column 1: unclosed action"},
      {"a\nb <<foo>>",
       "refused, line 2, column 5: function \"foo\" not defined, did you mean "
       "\"not\"?"},
      {"<<(.S>>", "refused, line 1, column 6: unclosed left paren"},
      {"<<)>>", "refused, line 1, column 3: unexpected right paren"},
      {"<<\"a>>", "refused, line 1, column 3: unterminated quoted string"},
      {"<<`a>>", "refused, line 1, column 3: unterminated raw quoted string"},
      {"<<\"\\q\">>", "refused, line 1, column 3: bad escape in \"\\q\""},
      {"<</* a>>", "refused, line 1, column 1: unclosed comment"},
      {"<</* a */ x>>",
       "refused, line 1, column 10: comment ends before closing delimiter"},
      {"<<.S=1>>", "refused, line 1, column 5: bad character '='"},
      {"<<1x>>", "refused, line 1, column 3: bad number syntax: \"1x\""},
      {"<<'ab'>>",
       "refused, line 1, column 3: malformed character constant: 'ab'"},
      {"<<if>>", "refused, line 1, column 5: missing value for if"},
      {"<<>>", "refused, line 1, column 3: missing value for command"},
      {"<<if 1>>a", "refused, line 1, column 3: <<if>> has no <<end>>"},
      {"<<end>>", "refused, line 1, column 1: unexpected <<end>>"},
      {"<<if 1>><<else>><<else>><<end>>",
       "refused, line 1, column 17: expected <<end>>, found <<else>>"},
      {"<<break>>", "refused, line 1, column 3: <<break>> outside <<range>>"},
      {"<<$x>>", "refused, line 1, column 3: undefined variable \"$x\""},
      {"<<if $x := 1>><<end>><<$x>>",
       "refused, line 1, column 24: undefined variable \"$x\""},
      {"<<$a, $b := .L>>",
       "refused, line 1, column 5: too many declarations in command"},
      {"<<.S | 3>>",
       "refused, line 1, column 8: non executable command in pipeline stage 2"},
      {"<<\"a\".x>>",
       "refused, line 1, column 6: unexpected . after term \"a\""},
      {"<<1i>>",
       "refused, line 1, column 3: complex numbers are not supported: \"1i\""},
      {"<<define \"x\">><<end>>",
       "refused, line 1, column 3: <<define>> is not supported: write the text "
       "where it is needed"},
      {"<<template \"x\">>",
       "refused, line 1, column 3: <<template>> is not supported: write the "
       "text where it is needed"},
      {"<<block \"x\" .>><<end>>",
       "refused, line 1, column 3: <<block>> is not supported: write the text "
       "where it is needed"},
      {"<<call .S>>",
       "refused, line 1, column 3: call is not supported: no value here is a "
       "function"},
  });
}

TEST(Template, DoesNotRunAway) {
  std::string nested = "<<$x := .S>>";
  for (int i = 0; i < 40; ++i) nested += "<<range $.L>>";
  nested += "a";
  for (int i = 0; i < 40; ++i) nested += "<<end>>";
  EXPECT_EQ(RenderTable(nested), "template: t: stopped, it does too much");

  std::string doubling = "<<$x := .S>>";
  for (int i = 0; i < 40; ++i) doubling += "<<$x = print $x $x>>";
  EXPECT_THAT(RenderTable(doubling), HasSubstr(": the text is too long"));

  EXPECT_THAT(RenderTable("<<printf \"%1000000d%1000000d%1000000d%1000000d"
                          "%1000000d\" 1 1 1 1 1>>"),
              HasSubstr("the text is too long"));
  EXPECT_THAT(RenderTable("<<printf \"%1000001s\" 1>>"),
              HasSubstr("a width or precision of printf is too large"));
}

TEST(Template, RefusesDeepNesting) {
  EXPECT_THAT(RenderTable("<<" + std::string(1000, '(') + "1" +
                          std::string(1000, ')') + ">>"),
              StartsWith("refused, line 1, column 102: nested too deeply"));
  std::string ifs;
  for (int i = 0; i < 1000; ++i) ifs += "<<if 1>>";
  EXPECT_THAT(RenderTable(ifs), HasSubstr("nested too deeply"));
}

TEST(Template, KnowsWhichFieldsItSurelyAsksFor) {
  const auto parsed =
      Template::Parse("t",
                      "<<.A>><<with .B>><<.C>><<$.D>><<else>><<.E.x>><<end>>"
                      "<<range .F>><<.G>><<end>><<if (len .H)>><<.I>><<end>>");
  ASSERT_THAT(parsed, IsOk());
  std::string names;
  for (const FieldUse& use : parsed->fields_of_data()) names += use.name;
  EXPECT_EQ(names, "ABDEFHI");
}

}  // namespace
}  // namespace sextant::rules
