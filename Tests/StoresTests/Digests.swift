import Crypto

/// The SHA-256 of a text, hexadecimal.
func sha256(_ text: String) -> String { SHA256.digest(of: text).hex }
