internal import MartletCore

/// The options of a file format, by their names in Spark.
struct FileOptions {
  private let format: String
  private let values: [String: String]
  private let known: [String]

  /// - Throws: `AnalysisError` for an option that the format does not have here.
  init(_ format: String, _ values: [String: String], _ known: [String], isWritten: Bool = false) throws {
    self.format = format
    self.values = values
    let known = isWritten ? known : known + FileList.optionNames
    self.known = known
    for key in values.keys.sorted() where !known.contains(where: { $0.lowercased() == key }) {
      let near = nearest(to: key, in: known, count: 1).first
      let advice = near.map { "Did you mean \($0)?" } ?? "The options are \(listed(known, limit: 40))."
      throw Self.fault(
        "There is no option '\(key)' for \(isWritten ? "writing" : "reading") \(format) files. \(advice)")
    }
  }

  static func fault(_ message: String) -> AnalysisError {
    AnalysisError(faults: [AnalysisFault("INVALID_OPTION", message)])
  }

  private func name(_ key: String) -> String { known.first { $0.lowercased() == key.lowercased() } ?? key }

  subscript(_ key: String) -> String? { values[key.lowercased()] }

  func bool(_ key: String, _ otherwise: Bool = false) throws -> Bool {
    guard let text = self[key] else { return otherwise }
    switch text.lowercased() {
    case "true": return true
    case "false": return false
    default: throw Self.fault("The option \(name(key)) is '\(text)'. It must be true or false.")
    }
  }

  /// A single character; `nil` for an empty text.
  func character(_ key: String, _ otherwise: String) throws -> String? {
    let text = self[key] ?? otherwise
    if text.isEmpty || text == "\0" { return nil }
    guard text.unicodeScalars.count == 1, text != "\n", text != "\r" else {
      throw Self.fault("The option \(name(key)) is \(text.debugDescription). It must be one character.")
    }
    return text
  }

  /// Refuses every value of an option except these.
  func require(_ key: String, oneOf allowed: [String]) throws {
    guard let text = self[key], !allowed.contains(where: { $0.lowercased() == text.lowercased() }) else { return }
    let message =
      "The option \(name(key)) is '\(text.debugDescription.dropFirst().dropLast())'. Here, it can be "
      + "\(allowed.map(\.debugDescription).joined(separator: " or "))."
    guard ["compression", "codec"].contains(key) else { throw Self.fault(message) }
    throw AnalysisError(faults: [AnalysisFault("CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION", message)])
  }

  /// The format of dates or timestamps for the engine, if the option is set.
  func pattern(_ key: String) throws -> String? {
    guard let pattern = self[key] else { return nil }
    switch DatePattern.parsed(pattern) {
    case .success(let format): return format
    case .failure(let problem): throw Self.fault("The option \(name(key)): \(problem.message)")
    }
  }

  var mode: ParseMode {
    get throws {
      guard let text = self["mode"] else { return .permissive }
      guard let mode = ParseMode(rawValue: text.lowercased()) else {
        throw Self.fault("The option mode is '\(text)'. It can be PERMISSIVE, DROPMALFORMED or FAILFAST.")
      }
      return mode
    }
  }
}

/// The treatment of records that do not parse.
enum ParseMode: String {
  /// Fields that do not parse are `NULL`.
  case permissive
  case dropMalformed = "dropmalformed"
  case failFast = "failfast"
}
