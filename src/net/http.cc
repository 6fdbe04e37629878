#include "sextant/net/http.h"

#include <algorithm>

#include "sextant/base/text.h"

namespace sextant::net {

void Headers::Set(std::string name, std::string value) {
  fields_.erase(std::remove_if(fields_.begin(), fields_.end(),
                               [&name](const auto& field) {
                                 return EqualsIgnoringCase(field.first, name);
                               }),
                fields_.end());
  Add(std::move(name), std::move(value));
}

const std::string* Headers::Find(std::string_view name) const {
  for (const auto& [field_name, value] : fields_) {
    if (EqualsIgnoringCase(field_name, name)) return &value;
  }
  return nullptr;
}

std::vector<std::string> Headers::FindAll(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [field_name, value] : fields_) {
    if (EqualsIgnoringCase(field_name, name)) values.push_back(value);
  }
  return values;
}

Response Response::Of(int status, std::string content_type, std::string body) {
  Response response;
  response.status = status;
  response.headers.Add("Content-Type", std::move(content_type));
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

}  // namespace sextant::net
