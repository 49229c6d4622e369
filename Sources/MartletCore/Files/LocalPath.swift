/// The path that `text` stands for: the text itself, or the path of a `file:` URI.
///
/// This function alone decides how a name in a program is read. Text that is not a URI is a path, whatever characters
/// it has. In a URI (`file:/data`, `file:///data`, `file://localhost/data`), escapes such as `%20` are decoded. Reading
/// a path again does not change it.
/// - Throws: `MartletError(.invalidArgument)` for text that the system would take as a local name but that means
///   something else: another scheme (`hdfs://…`), another host, or `~` at the beginning.
package func localPath(_ text: String) throws -> String {
  try refuseZeroByte(text)
  if text.utf8.starts(with: "~/".utf8) || text == "~" { throw refusal(text, isHome) }
  guard let scheme = scheme(of: text) else { return text }
  guard scheme == "file" else { throw refusal(text, isElsewhere(scheme)) }
  return try pathOfFileURI(text)
}

extension OperatorSite {
  /// The same as the function `localPath`, with the operation and the line of the program in errors.
  package func localPath(_ text: String) throws -> String {
    try explaining("\(name) at \(callSite)") { try MartletCore.localPath(text) }
  }
}

/// The scheme of a URI, in lower case. A colon ends a scheme only before a slash, or after `file`: names such as
/// `12:30` and `a:b` are paths.
private func scheme(of text: String) -> String? {
  let bytes = text.utf8
  guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), let first = bytes.first, isLetter(first) else {
    return nil
  }
  let isName = bytes[..<colon].allSatisfy { isLetter($0) || isDigit($0) || "+.-".utf8.contains($0) }
  guard isName else { return nil }
  let scheme = text[..<colon].lowercased()
  let next = bytes[bytes.index(after: colon)...].first
  return next == UInt8(ascii: "/") || scheme == "file" ? scheme : nil
}

private func pathOfFileURI(_ text: String) throws -> String {
  var rest = text.utf8.dropFirst("file:".utf8.count)
  guard rest.first == UInt8(ascii: "/") else {
    throw refusal(text, "has no absolute path. Write 'file:/…', or only the path")
  }
  if rest.starts(with: "//".utf8) {
    rest = rest.dropFirst(2)
    let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
    let host = String(Substring(rest[..<slash]))
    guard host.isEmpty || host.lowercased() == "localhost" else {
      throw refusal(
        text,
        "names the host '\(host)', but only local files can be used. If it is a folder, write 'file:///\(host)…'"
      )
    }
    rest = rest[slash...]
    guard !rest.isEmpty else { throw refusal(text, "has no path. Write 'file:///…', or only the path") }
  }
  guard rest.contains(UInt8(ascii: "%")) else { return String(Substring(rest)) }
  guard let path = decoded(rest) else {
    throw refusal(text, "has a '%' that is not a valid UTF-8 escape. Write '%25' for a percent sign, or only the path")
  }
  try refuseZeroByte(path)
  return path
}

/// The text with its escapes decoded; `nil` if an escape is invalid, or the result is not UTF-8.
private func decoded(_ escaped: Substring.UTF8View) -> String? {
  var bytes: [UInt8] = []
  var rest = escaped
  while let byte = rest.popFirst() {
    guard byte == UInt8(ascii: "%") else {
      bytes.append(byte)
      continue
    }
    guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
    bytes.append(high << 4 | low)
  }
  return String(validating: bytes, as: UTF8.self)
}

private func digit(_ byte: UInt8) -> UInt8? { Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) } }

private func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 }

private func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

private let isHome = """
  begins with '~'. Only a shell replaces it with the home folder (HOME). Write the full path. For a folder named \
  '~', write './~'
  """

private func isElsewhere(_ scheme: String) -> String {
  """
  has the scheme '\(scheme)', but Martlet only reads and writes local files. Write a path, or a URI that begins with \
  'file:'. If the files are elsewhere, copy them here or mount them. For a folder named '\(scheme):', write \
  './\(scheme):'
  """
}

private func refusal(_ text: String, _ reason: String) -> MartletError {
  MartletError(.invalidArgument, "'\(text)' \(reason).")
}
