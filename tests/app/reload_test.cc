#include "app/reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_clock.h"
#include "support/result_matchers.h"
#include "support/temp_folder.h"
#include "support/test_certificates.h"

namespace sextant::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string RuleOf(const std::string& series) {
  return "rules: [{seriesQuery: '" + series +
         "', resources: {template: '<<.Resource>>'}, metricsQuery: x}]\n";
}

// The files of a program that runs: a configuration with a rule of the series
// a, and a serving certificate that ends at 2'000'000'000.
struct World {
  World() {
    PutCertificate(2'000'000'000);
    flags.standalone = true;
    flags.config = folder.Put("config.yaml", RuleOf("a"));
    tls = *net::ServingTls::Create(pair);
    inputs = *ReadInputs(flags);
    reloader = std::make_unique<Reloader>(
        flags,
        ServingFiles{folder.path() + "/tls.crt", folder.path() + "/tls.key"},
        inputs.rules, nullptr, *tls, clock, reports,
        [this](Inputs changed) -> Result<Done> {
          if (!refuses.empty()) {
            return Error{ErrorCode::kInvalidArgument, refuses, ""};
          }
          applied.push_back(changed.rules->custom.size());
          inputs = std::move(changed);
          return Done{};
        });
  }

  void PutCertificate(std::int64_t end) {
    TestCa::Leaf leaf;
    leaf.not_after = TimePoint(std::chrono::seconds(end));
    pair = ca.Issue(leaf);
    folder.Put("tls.crt", pair.certificate_pem);
    folder.Put("tls.key", pair.key_pem);
  }

  std::int64_t CertificateEnd() const {
    return tls->NotAfter().time_since_epoch().count() / 1000;
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  obs::Metrics metrics;
  FileReports reports{clock, metrics};
  TempFolder folder;
  TestCa ca;
  net::KeyPair pair;
  config::ServeFlags flags;
  std::unique_ptr<net::ServingTls> tls;
  Inputs inputs;
  std::vector<std::size_t> applied;  // numbers of rules
  std::string refuses;               // why none is taken over; empty: they are
  std::unique_ptr<Reloader> reloader;
};

TEST(Reloader, AConfigurationThatCannotBeTakenOverLeavesTheLastOne) {
  World world;
  world.refuses = "backends[0] (b): failed to read tokenFile: /no/t";
  world.folder.Put("config.yaml", RuleOf("b"));
  world.reloader->ReloadAll();
  EXPECT_THAT(world.applied, IsEmpty());
  EXPECT_THAT(world.reports.Notes(),
              ElementsAre(HasSubstr("config.yaml: backends[0] (b): failed to "
                                    "read tokenFile: /no/t")));
  world.refuses.clear();
  world.reloader->ReloadAll();
  EXPECT_THAT(world.applied, ElementsAre(1U));
  EXPECT_THAT(world.reports.Notes(), IsEmpty());
}

TEST(FindServingFiles, TakesFlagsThenTheFolderIfBothAreThere) {
  const TempFolder folder;
  config::ServingFlags flags;
  flags.cert_dir = "";
  EXPECT_FALSE(FindServingFiles(flags));
  flags.cert_dir = folder.path();
  EXPECT_FALSE(FindServingFiles(flags));
  folder.Put("apiserver.crt", "x");
  EXPECT_FALSE(FindServingFiles(flags));
  folder.Put("apiserver.key", "x");
  ASSERT_TRUE(FindServingFiles(flags));
  EXPECT_EQ(FindServingFiles(flags)->certificate,
            folder.path() + "/apiserver.crt");
  EXPECT_EQ(FindServingFiles(flags)->key, folder.path() + "/apiserver.key");
  flags.tls_cert_file = "/a.crt";
  flags.tls_private_key_file = "/a.key";
  EXPECT_EQ(FindServingFiles(flags)->certificate, "/a.crt");
  EXPECT_EQ(FindServingFiles(flags)->key, "/a.key");
}

TEST(ReadNamedPairs, AnErrorNamesTheFlag) {
  config::ServingFlags flags;
  flags.sni_certificates.push_back({"/nowhere.crt", "/nowhere.key", {}});
  EXPECT_THAT(ReadNamedPairs(flags).error().message,
              HasSubstr("--tls-sni-cert-key"));
}

TEST(Reloader, TakesOverWhatIsGood) {
  World world;
  world.folder.Put("config.yaml", RuleOf("a") + "externalRules: []\n");
  world.PutCertificate(2'100'000'000);
  world.reloader->ReloadAll();
  EXPECT_THAT(world.applied, ElementsAre(1u));
  EXPECT_EQ(world.CertificateEnd(), 2'100'000'000);
  EXPECT_THAT(world.reports.Notes(), IsEmpty());
}

TEST(Reloader, KeepsTheLastGoodAndSaysWhatIsWrong) {
  struct Case {
    const char* what;
    const char* file;
    std::string text;
    std::string note;
  };
  const Case cases[] = {
      {"a mistake", "config.yaml", "rules: 5\n", "config kept"},
      {"an empty file", "config.yaml", "", "the file is empty"},
      {"half of a new pair", "tls.key", TestCa().IssueServer({"x"}).key_pem,
       "do not belong together"},
      {"no certificate", "tls.crt", "none", "serving_certificate kept"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    World world;
    const auto rules = world.inputs.rules;
    world.folder.Put(c.file, c.text);
    world.reloader->ReloadAll();
    EXPECT_EQ(world.CertificateEnd(), 2'000'000'000);
    EXPECT_THAT(world.reports.Notes(), ElementsAre(HasSubstr(c.note)));
    const bool config_is_bad = c.file == std::string("config.yaml");
    EXPECT_THAT(world.applied, SizeIs(config_is_bad ? 0 : 1));
    if (config_is_bad) {
      EXPECT_EQ(world.inputs.rules, rules);
    }

    // Mended, it counts, and the note is gone.
    world.folder.Put("config.yaml", RuleOf("b"));
    world.PutCertificate(2'050'000'000);
    world.reloader->ReloadAll();
    EXPECT_THAT(world.reports.Notes(), IsEmpty());
    EXPECT_EQ(world.CertificateEnd(), 2'050'000'000);
    EXPECT_FALSE(world.applied.empty());
  }
}

// The same rules may mean something else when the cluster has other resources.
TEST(Reloader, ReadsTheSameFileAgainForOtherResources) {
  World world;
  world.reloader->ResourcesChanged();
  EXPECT_THAT(world.applied, ElementsAre(1u));
}

TEST(Reloader, FollowsTheCertificateOnlyIfThereAreFiles) {
  World world;
  EXPECT_THAT(world.reloader->Followers(), SizeIs(2));
  Reloader without(world.flags, std::nullopt, world.inputs.rules, nullptr,
                   *world.tls, world.clock, world.reports,
                   [](Inputs) -> Result<Done> { return Done{}; });
  EXPECT_THAT(without.Followers(), SizeIs(1));
}

}  // namespace
}  // namespace sextant::app
