#pragma once

#include <optional>
#include <string>
#include <vector>

#include "accept.h"
#include "sextant/base/result.h"
#include "sextant/model/admission.h"
#include "sextant/net/http.h"

namespace sextant::api {

// metav1.StatusCause.
struct StatusCause {
  std::string reason;  // "FieldValueForbidden"
  std::string message;
  std::string field;

  friend bool operator==(const StatusCause&, const StatusCause&) = default;
};

// What a Status is about: metav1.StatusDetails.  What is empty is left out.
struct StatusDetails {
  std::string name;
  std::string group;
  std::string kind;
  std::vector<StatusCause> causes;
  int retry_after_seconds = 0;

  friend bool operator==(const StatusDetails&, const StatusDetails&) = default;
};

// An error as Kubernetes clients read it: metav1.Status.  Clients decode a body
// only if kind, apiVersion and status are there; any gap and the user sees a
// generic text instead of ours.
struct Status {
  int code = 500;
  std::string reason;   // "NotFound"
  std::string message;  // what kubectl prints
  std::optional<StatusDetails> details;

  // One line of JSON with its newline, keys in the API server's order.
  std::string ToJson() const;

  // The same as Kubernetes' protocol buffers.
  std::string ToProtobuf() const;

  // The whole answer to who accepts this: protocol buffers if values would be
  // sent so (ChooseBodyForm()), else JSON; 406 is always JSON, as the API
  // server's is.  429 carries Retry-After; 5xx never does, because client-go
  // would sleep and ask again ten times, and an autoscaler's worker with it.
  net::Response ToResponse(const std::vector<MediaRange>& accept) const;

  friend bool operator==(const Status&, const Status&) = default;
};

// 429, in the words of the API server's own limit.
Error TooManyRequests();

// The HTTP face of an error.  The message is taken as it is.
Status StatusOf(const Error& error);

// The same; a 403 has details that say what may not be touched.
Status StatusOfRefusal(const model::Refusal& refusal);

// "the server could not find the requested resource": a path of an API that
// leads nowhere.
Status NoSuchResource();

// "the server does not allow this method on the requested resource"
Status NoSuchMethod();

// 400 with this message.
Status BadRequest(std::string message);

// 404: `pods "web-0" not found`; `group` is empty for the core group.
Status NoSuchObject(const std::string& group, const std::string& resource,
                    const std::string& name);

// 405: a list that cannot be watched; `kind` is "*.external.metrics.k8s.io" in
// its two parts.
Status CannotWatch(const std::string& resource, const std::string& group);

}  // namespace sextant::api
