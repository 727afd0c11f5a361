#pragma once
// SHA-256 is called for every record. The functions on a context that lies on the stack take 285 ns
// for 450 bytes; SHA256() looks its algorithm up at every call (496 ns), and EVP wants a context on
// the heap (OpenSSL 3.0.19, AMD EPYC with SHA-NI, November 2026). OpenSSL 3 marks the former deprecated.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
