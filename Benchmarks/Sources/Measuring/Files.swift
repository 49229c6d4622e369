#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The size of a file, in bytes.
public func fileSize(_ path: String) throws -> Int {
  var status = stat()
  guard stat(path, &status) == 0 else { throw UnreadableFile(path: path) }
  return Int(status.st_size)
}

/// The lines of a small file.
public func lines(ofFile path: String) throws -> [Substring] {
  guard let file = fopen(path, "r") else { throw UnreadableFile(path: path) }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
  return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
}

/// The paths of the files in a folder, sorted by name.
public func files(inFolder path: String) throws -> [String] {
  guard let folder = opendir(path) else { throw UnreadableFile(path: path) }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if !name.hasPrefix(".") { names.append("\(path)/\(name)") }
  }
  guard !names.isEmpty else { throw UnreadableFile(path: path) }
  return names.sorted()
}

/// The whole number in a file, such as the feeder's start time.
public func number(inFile path: String) throws -> Int {
  guard let number = try lines(ofFile: path).first.flatMap({ Int($0) }) else { throw UnreadableFile(path: path) }
  return number
}

/// An error for a file that is missing or has unexpected contents.
public struct UnreadableFile: Error, CustomStringConvertible {
  public let path: String
  public var description: String { "cannot read \(path)" }
}
