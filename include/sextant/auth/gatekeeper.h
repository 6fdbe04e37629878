#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "sextant/auth/trust.h"
#include "sextant/base/clock.h"
#include "sextant/base/task.h"
#include "sextant/kube/reviews.h"
#include "sextant/model/admission.h"
#include "sextant/net/http.h"
#include "sextant/obs/metrics.h"

namespace sextant::auth {

// Decides who sends a request, and whether he may, as Kubernetes' API servers
// do: api::Gate in a cluster.
//
// Who: what a front proxy says, beside its certificate; else whom the client's
// own certificate names; else whose the bearer token is; the first that proves
// something counts.  When none does and one of them failed, it is 401; when
// nothing was shown at all, the caller is system:anonymous.
//
// May he: members of system:masters may everything and everybody may have the
// open paths, without a question; all else is reviewed, and refused (403, or
// 500 when it cannot be found out, 504 when that takes too long).
//
// Answers of the two reviewers are remembered for a while, errors are not. Loop
// only.
class Gatekeeper {
 public:
  struct Options {
    // How long answers are remembered; zero: not at all.
    Duration tokens_kept = std::chrono::seconds(10);
    Duration allowed_kept = std::chrono::seconds(10);
    Duration refused_kept = std::chrono::seconds(10);
    // Paths that everybody may ask for; a '*' at the end stands for more.
    // /debug/explain is never one.
    std::vector<std::string> open_paths = {"/healthz", "/readyz", "/livez"};
  };

  // Everything passed by reference must outlive this object.  Whom to trust is
  // looked up for each request, so a change counts from the next one on, also
  // on connections that are open.
  Gatekeeper(const Options& options, const TrustSource& trust,
             kube::TokenReviewer& tokens, kube::AccessReviewer& access,
             Clock& clock, obs::Metrics& metrics);
  ~Gatekeeper();

  // `request` is used up when this returns its Task.  Takes as long as the
  // reviews do, of which each has kube::kReviewTime at most; at `deadline` the
  // request is refused (504), and a review goes on for others who wait for it.
  Task<model::Admission> Admit(const net::Request& request, TimePoint deadline);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::auth
