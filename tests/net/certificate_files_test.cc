#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sextant/base/spawn.h"
#include "sextant/net/file_watch.h"
#include "sextant/net/serving_tls.h"
#include "support/result_matchers.h"
#include "support/temp_folder.h"
#include "support/test_server.h"
#include "support/tls_client.h"

namespace sextant::net {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

// A folder of its own, as a Secret is mounted: files are links into "..data",
// which is a link to the folder of this version.
class MountedSecret {
 public:
  // As the kubelet does it.
  void Mount(const KeyPair& pair) {
    const std::string version = "..version" + std::to_string(++versions_);
    fs::create_directory(root_ / version);
    Write(root_ / version / "tls.crt", pair.certificate_pem);
    Write(root_ / version / "tls.key", pair.key_pem);
    fs::create_directory_symlink(version, root_ / "..data_tmp");
    fs::rename(root_ / "..data_tmp", root_ / "..data");
    if (versions_ > 1) return;
    fs::create_symlink("..data/tls.crt", certificate());
    fs::create_symlink("..data/tls.key", key());
  }

  // Beside the files, then over them, one after the other.
  void ReplaceCertificate(const std::string& pem) {
    Write(root_ / "new", pem);
    fs::rename(root_ / "new", certificate());
  }
  void ReplaceKey(const std::string& pem) {
    Write(root_ / "new", pem);
    fs::rename(root_ / "new", key());
  }

  static void Write(const fs::path& path, const std::string& text) {
    std::ofstream(path) << text;
  }

  std::string certificate() const { return root_ / "tls.crt"; }
  std::string key() const { return root_ / "tls.key"; }

 private:
  TempFolder folder_;
  const fs::path root_ = folder_.path();
  int versions_ = 0;
};

std::string Served(TestServer& test) {
  return TlsClient(test.loop, test.server->port()).ServerCertificatePem();
}

Running Follow(TestServer& test, const std::string& certificate,
               const std::string& key) {
  return Spawn(
      test.loop.get_executor(),
      FollowFiles({certificate, key}, test.clock, [&test, certificate, key] {
        const Result<bool> ignored =
            ReloadKeyPairFiles(certificate, key, *test.tls);
        static_cast<void>(ignored);
      }));
}

// Runs the loop until the watch has seen what happened, then lets the files
// settle.
void Notice(TestServer& test) {
  test.loop.restart();
  test.loop.run_one_for(std::chrono::milliseconds(100));
  test.clock.Advance(std::chrono::seconds(1));
}

TEST(ReloadKeyPairFiles, SeesEachSwapOfAMountedSecret) {
  TestServer test;
  MountedSecret secret;
  secret.Mount(test.ca.IssueServer({"first"}));
  Running following = Follow(test, secret.certificate(), secret.key());
  test.clock.Settle();
  for (const std::string name : {"second", "third"}) {
    const KeyPair next = test.ca.IssueServer({name});
    secret.Mount(next);
    Notice(test);
    EXPECT_EQ(Served(test), next.certificate_pem);
  }
  following.Cancel();
  test.clock.Settle();
  EXPECT_TRUE(following.Ended());
}

TEST(ReloadKeyPairFiles, KeepsTheOldPairUntilBothHalvesAreThere) {
  TestServer test;
  MountedSecret secret;
  const KeyPair first = test.ca.IssueServer({"first"});
  const KeyPair second = test.ca.IssueServer({"second"});
  secret.Mount(first);
  Running following = Follow(test, secret.certificate(), secret.key());
  test.clock.Settle();
  EXPECT_EQ(Served(test), first.certificate_pem);
  secret.ReplaceCertificate(second.certificate_pem);
  Notice(test);
  EXPECT_EQ(Served(test), first.certificate_pem);
  secret.ReplaceKey(second.key_pem);
  Notice(test);
  EXPECT_EQ(Served(test), second.certificate_pem);
  following.Cancel();
  test.clock.Settle();
}

TEST(ReloadKeyPairFiles, LooksEachMinuteIfTheDirectoryCannotBeWatched) {
  TestServer test;
  const MountedSecret secret;
  const fs::path folder = secret.certificate() + ".d";
  const KeyPair pair = test.ca.IssueServer({"late"});
  Running following = Follow(test, folder / "tls.crt", folder / "tls.key");
  test.clock.Settle();
  fs::create_directory(folder);
  MountedSecret::Write(folder / "tls.crt", pair.certificate_pem);
  MountedSecret::Write(folder / "tls.key", pair.key_pem);
  test.clock.Advance(std::chrono::seconds(59));
  EXPECT_NE(Served(test), pair.certificate_pem);
  test.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(Served(test), pair.certificate_pem);
  following.Cancel();
  test.clock.Settle();
}

TEST(ReloadKeyPairFiles, SaysWhetherThePairIsAnotherAndWhyItIsNotTaken) {
  TestServer test;
  MountedSecret secret;
  const KeyPair first = test.ca.IssueServer({"first"});
  secret.Mount(first);
  const auto reload = [&] {
    return ReloadKeyPairFiles(secret.certificate(), secret.key(), *test.tls);
  };
  EXPECT_TRUE(*reload());
  EXPECT_FALSE(*reload());
  secret.ReplaceKey(test.ca.IssueServer({"second"}).key_pem);
  EXPECT_THAT(reload(),
              FailsWith(ErrorCode::kInvalidArgument,
                        secret.certificate() + ", " + secret.key() +
                            ": serving certificate and key do not belong "
                            "together"));
}

TEST(RenewSelfSigned, MakesAnotherPairAMonthBeforeTheEnd) {
  TestServer test;
  const std::vector<std::string> names = {"localhost"};
  ASSERT_THAT(test.tls->Replace(*MakeSelfSigned(names, test.clock.Now())),
              IsOk());
  const std::string before = Served(test);
  const TimePoint end = test.tls->NotAfter();
  Running renewing = Spawn(test.loop.get_executor(),
                           RenewSelfSigned(names, *test.tls, test.clock));
  test.clock.Advance(std::chrono::hours(24 * 335) - std::chrono::seconds(1));
  EXPECT_EQ(test.tls->NotAfter(), end);
  test.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(test.tls->NotAfter(), end + std::chrono::hours(24 * 335));
  EXPECT_NE(Served(test), before);
  test.clock.Advance(std::chrono::hours(24 * 335));
  EXPECT_EQ(test.tls->NotAfter(), end + std::chrono::hours(24 * 670));
  renewing.Cancel();
  test.clock.Settle();
}

TEST(ReadKeyPairFiles, NamesTheFileThatCannotBeRead) {
  const MountedSecret secret;
  const Result<KeyPair> neither =
      ReadKeyPairFiles(secret.certificate(), secret.key());
  ASSERT_FALSE(neither);
  EXPECT_THAT(neither.error().message, HasSubstr(secret.certificate()));
  MountedSecret::Write(secret.certificate(), "c");
  const Result<KeyPair> half =
      ReadKeyPairFiles(secret.certificate(), secret.key());
  ASSERT_FALSE(half);
  EXPECT_THAT(half.error().message, HasSubstr(secret.key()));
  MountedSecret::Write(secret.key(), "k");
  const Result<KeyPair> both =
      ReadKeyPairFiles(secret.certificate(), secret.key());
  ASSERT_THAT(both, IsOk());
  EXPECT_EQ(both->certificate_pem, "c");
  EXPECT_EQ(both->key_pem, "k");
}

}  // namespace
}  // namespace sextant::net
