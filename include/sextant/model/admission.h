#pragma once

#include <optional>
#include <string>
#include <utility>

#include "sextant/base/result.h"
#include "sextant/model/identity.h"

namespace sextant::model {

// Why a request may not go on.
struct Refusal {
  Error error;
  // What it is about, for the `details` of the Status: "web-0", "pods" and
  // "custom.metrics.k8s.io"; empty if it is about no resource.
  std::string name = {};
  std::string kind = {};
  std::string group = {};
};

// What is decided about a request before it is answered.
struct Admission {
  // Lets it in, as this caller's.
  Admission(Identity who) : caller(std::move(who)) {}
  // The caller is not known.
  Admission(Error error) : refusal(Refusal{std::move(error)}) {}

  Identity caller;
  std::optional<Refusal> refusal;  // nothing: the request may go on
  // False if the client has proved nothing: then its connection should end with
  // the answer, so that its next attempt costs it a handshake.
  bool keep_connection = true;
};

}  // namespace sextant::model
