internal import MartletDuckDB

/// How deep values of JSON nest.
enum JSONLevels {
  /// The number of levels that records may have. The engine's own limit, for some of its functions, is 128.
  static let maximum = 100

  /// The function of the engine that counts the levels of a text.
  static let function = ScalarFunction("martlet_json_levels") { (text: String) -> Int64 in Int64(count(text)) }

  /// The largest number of arrays and objects that are open at one place of a text.
  static func count(_ text: String) -> Int {
    var levels = 0, most = 0
    var isInText = false, isEscaped = false
    for byte in text.utf8 {
      if isInText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInText = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInText = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        levels += 1
        most = max(most, levels)
      case UInt8(ascii: "}"), UInt8(ascii: "]"): levels -= 1
      default: break
      }
    }
    return most
  }
}
