#pragma once

#include <string>

#include "sextant/base/result.h"
#include "sextant/model/admission.h"
#include "sextant/net/http.h"

namespace sextant::api {

// An error as Kubernetes clients read it: metav1.Status.  Clients decode a body
// only if kind, apiVersion and status are there; any gap and the user sees a
// generic text instead of ours.
struct Status {
  int code = 500;
  std::string reason;   // "NotFound"
  std::string message;  // what kubectl prints
  std::string details;  // a JSON object; empty: the key is left out

  // One line of JSON with its newline, keys in the API server's order.
  std::string ToJson() const;

  // The whole answer.  429 carries Retry-After; 5xx never does, because
  // client-go would sleep and ask again ten times, and an autoscaler's worker
  // with it.
  net::Response ToResponse() const;

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
