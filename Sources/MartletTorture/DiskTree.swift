import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The contents of a folder: regular files and folders.
public struct DiskTree: Hashable, Sendable {
  public enum Node: Hashable, Sendable {
    case folder
    case file([UInt8])
  }

  /// By path, relative to the folder.
  public var nodes: [String: Node] = [:]

  public init() {}

  /// Reads the present contents of a folder.
  public init(of folder: String) throws {
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      var status = stat()
      guard lstat("\(folder)/\(path)", &status) == 0 else { throw TortureError("'\(path)' is gone: errno \(errno).") }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: nodes[path] = .folder
      case S_IFREG: nodes[path] = .file(try readFile("\(folder)/\(path)"))
      default: throw TortureError("'\(path)' is neither a file nor a folder.")
      }
    }
  }

  /// The bytes of a file; nil if there is no file with that path.
  public func file(_ path: String) -> [UInt8]? {
    if case .file(let bytes)? = nodes[path] { bytes } else { nil }
  }

  /// The paths of all files and folders whose names do not begin with a dot, sorted.
  public var visiblePaths: [String] {
    nodes.keys.filter { path in !path.split(separator: "/").contains { $0.hasPrefix(".") } }.sorted()
  }

  /// Writes the tree into a folder, which must be empty.
  public func write(to folder: String) throws {
    for (path, node) in nodes.sorted(by: { $0.key < $1.key }) {
      switch node {
      case .folder:
        guard mkdir("\(folder)/\(path)", 0o755) == 0 else { throw TortureError("mkdir '\(path)': errno \(errno).") }
      case .file(let bytes):
        guard FileManager.default.createFile(atPath: "\(folder)/\(path)", contents: Data(bytes)) else {
          throw TortureError("Cannot write '\(path)'.")
        }
      }
    }
  }
}

extension DiskTree: CustomStringConvertible {
  public var description: String {
    nodes.sorted { $0.key < $1.key }.map { path, node in
      switch node {
      case .folder: "\(path)/"
      case .file(let bytes): "\(path) (\(bytes.count) bytes)"
      }
    }.joined(separator: ", ")
  }
}
