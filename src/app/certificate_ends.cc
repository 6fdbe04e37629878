#include "certificate_ends.h"

#include <chrono>
#include <utility>

namespace sextant::app {

void ShowCertificateEnds(CertificateEnds ends, obs::Metrics& metrics) {
  metrics.GaugeSet(
      "sextant_certificate_not_after_seconds",
      "When a certificate that the program shows ends, in seconds since 1970.",
      [ends = std::move(ends)] {
        const std::pair<const char*, const CertificateEnd&> uses[] = {
            {"serving", ends.serving},
            {"backend_client", ends.backend_client},
            {"api_server_client", ends.api_server_client},
        };
        obs::Metrics::LabelledValues values;
        for (const auto& [use, read] : uses) {
          const std::optional<TimePoint> end = read ? read() : std::nullopt;
          if (!end) continue;
          values.push_back(
              {{{"use", use}},
               std::chrono::duration<double>(end->time_since_epoch()).count()});
        }
        return values;
      });
}

}  // namespace sextant::app
