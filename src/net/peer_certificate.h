#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "sextant/net/peer.h"

namespace sextant::net {

// What the client showed in the handshake that `ssl` has completed as a server;
// null if nothing.
std::shared_ptr<const PeerCertificate> TakePeerCertificate(SSL* ssl);

}  // namespace sextant::net
