#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

package import MartletCore

/// A file to read.
package struct InputFile: Sendable, Equatable {
  package var path: String
  package var size: Int
  /// The file as a stream has found it: that file is read and no other, and no more of it than there was.
  package var planned: FileFacts?

  package init(path: String, size: Int, planned: FileFacts? = nil) {
    self.path = path
    self.size = size
    self.planned = planned
  }
}

/// The files that `path` names: a file, a folder, a pattern, or several of these with commas between.
///
/// - Throws: `MartletError` if one of the names matches nothing, or is empty.
func listInputFiles(_ path: String, _ site: OperatorSite) throws -> [InputFile] {
  try path.split(separator: ",", omittingEmptySubsequences: false).flatMap { name in
    if name.isEmpty {
      throw site.refuses("the path '\(path)' has an empty name in it, where the name of a file or folder must be.")
    }
    return try expand(String(name))
  }
}

private func expand(_ name: String) throws -> [InputFile] {
  if let status = try? fileStatus(name) { return try list(name, status) }
  let matches = globMatches(name)
  if matches.isEmpty {
    do { _ = try fileStatus(name) } catch let error as MartletError {
      throw MartletError(error.code, error.message + advice(on: name))
    }
  }
  return try matches.flatMap { try list($0, fileStatus($0)) }
}

/// What Spark would have understood, and is a plain name here.
private func advice(on name: String) -> String {
  if name.contains(":/") { return ". Files are local: write their path alone, without 'file://' or another scheme." }
  if name.contains(where: { "{}".contains($0) }) {
    return ". Patterns have '*', '?' and '[…]', and no braces: name the files one by one, with commas between."
  }
  return ""
}

private func list(_ path: String, _ status: stat) throws -> [InputFile] {
  guard status.st_mode & S_IFMT == S_IFDIR else { return [InputFile(path: path, size: Int(status.st_size))] }
  return try folderEntries(path).compactMap { name in
    let inner = path.hasSuffix("/") ? path + name : path + "/" + name
    // A link may lead nowhere, and a file may have gone since the listing.
    guard let status = try existingFileStatus(inner) else { return nil }
    return status.st_mode & S_IFMT == S_IFREG ? InputFile(path: inner, size: Int(status.st_size)) : nil
  }
}

/// What the system knows about a file.
func fileStatus(_ path: String) throws -> stat {
  guard let status = try existingFileStatus(path) else {
    throw MartletError.system("Cannot read '\(path)'", errno: ENOENT)
  }
  return status
}

/// What the system knows about a file; `nil` if there is none.
private func existingFileStatus(_ path: String) throws -> stat? {
  try refuseZeroByte(path)
  var status = stat()
  if stat(path, &status) == 0 { return status }
  if errno == ENOENT { return nil }
  throw MartletError.system("Cannot read '\(path)'", errno: errno)
}

/// The names in a folder, sorted, without hidden ones.
private func folderEntries(_ path: String) throws -> [String] { try Folder.names(path).filter { !isHiddenName($0) } }

/// Whether a file of this name is left out where a folder is read: it belongs to who writes there.
package func isHiddenName(_ name: String) -> Bool { name.hasPrefix(".") || name.hasPrefix("_") }

/// The paths that a pattern with `*`, `?` or `[…]` names, sorted.
package func globMatches(_ pattern: String) -> [String] {
  var result = glob_t()
  defer { globfree(&result) }
  guard !pattern.utf8.contains(0), glob(pattern, 0, nil, &result) == 0 else { return [] }
  return (0..<Int(result.gl_pathc)).compactMap { i in result.gl_pathv[i].map { String(cString: $0) } }
}
