#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A folder as the recorded calls change it: the state that a program sees, and the states that a disk may have
/// retained.
///
/// The rules are those on which a careful program may rely, not those of one file system:
/// - The bytes and the size of a file are certain after a sync of the file. The name is not.
/// - A name (made, removed, renamed) is certain after a sync of the folder that holds it; for a rename, the folder of
///   the new name. A rename changes both names at one moment.
/// - Uncertain changes may be there or not, in any combination, except that changes of the same name keep their order.
package struct DiskModel: Sendable {
  typealias FileID = Int

  struct Name: Hashable, Sendable {
    var folder: FileID
    var name: Substring
  }

  /// Names that changed at one moment.
  struct Step: Sendable {
    var call: TracedCall
    /// The file that each name refers to afterwards; nil for no file.
    var changes: [(name: Name, file: FileID?)]
    /// The folder whose sync makes the step certain.
    var folder: FileID
  }

  enum Object: Sendable {
    case folder
    case file(FileModel)
  }

  static let root: FileID = 0

  var objects: [Object] = [.folder]
  /// The names that are certain.
  var durableNames: [Name: FileID] = [:]
  /// The uncertain changes of names, in their order.
  var steps: [Step] = []
  /// The names that a program sees.
  private var names: [Name: FileID] = [:]
  /// The files that have these numbers in the file system at present.
  private var inodes: [UInt64: FileID] = [:]

  /// Begins with the contents of `folder`, which are assumed to be on the disk.
  package init(of folder: String) throws {
    inodes[try inode(of: folder)] = Self.root
    for (path, node) in try DiskTree(of: folder).nodes.sorted(by: { $0.key < $1.key }) {
      let id = objects.count
      if case .file(let bytes) = node { objects.append(.file(FileModel(bytes))) } else { objects.append(.folder) }
      inodes[try inode(of: "\(folder)/\(path)")] = id
      names[try name(path)] = id
    }
    durableNames = names
  }

  /// The state that a program sees, and that remains when it is killed.
  package var tree: DiskTree { tree(names) { $0.current } }

  /// Applies the next call.
  package mutating func apply(_ call: TracedCall) throws {
    guard call.error == 0 else {
      // A sync that fails leaves the bytes in doubt permanently; any other call that fails changes nothing.
      if call.kind == .sync, let id = inodes[call.inode] { changeFile(id) { $0.failToSynchronize() } }
      return
    }
    switch call.kind {
    case .create:
      if call.flags.contains(.created) { return try add(.file(FileModel()), call) }
      if call.flags.contains(.truncated) { changeFile(try known(call)) { $0.change(.size(0)) } }
    case .mkdir: try add(.folder, call)
    case .write:
      changeFile(try known(call)) {
        $0.change(.bytes(offset: call.offset, call.data), isDurable: call.flags.contains(.synced))
      }
    case .truncate: changeFile(try known(call)) { $0.change(.size(call.offset)) }
    case .sync: synchronize(try known(call))
    case .link: try rename(call, changes: [(try name(call.secondPath), try known(call))])
    case .rename:
      let from = try name(call.path), to = try name(call.secondPath)
      // Two names of one file: rename does nothing.
      if names[from] == names[to] { return }
      try rename(
        call, changes: [(from, call.flags.contains(.exchange) ? names[to] : nil), (to, names[from])])
    case .unlink, .rmdir:
      let name = try name(call.path)
      take(Step(call: call, changes: [(name, nil)], folder: name.folder))
    case .open, .read, .close, .list, .entry, .stat: break
    }
  }

  private mutating func add(_ object: Object, _ call: TracedCall) throws {
    objects.append(object)
    inodes[call.inode] = objects.count - 1
    let name = try name(call.path)
    take(Step(call: call, changes: [(name, objects.count - 1)], folder: name.folder))
  }

  private mutating func rename(_ call: TracedCall, changes: [(Name, FileID?)]) throws {
    take(Step(call: call, changes: changes, folder: try name(call.secondPath).folder))
  }

  private mutating func take(_ step: Step) {
    for (name, file) in step.changes { names[name] = file }
    steps.append(step)
  }

  private mutating func changeFile(_ id: FileID, _ change: (inout FileModel) -> Void) {
    guard case .file(var file) = objects[id] else { return }
    objects[id] = .folder  // prevents a copy of the file
    change(&file)
    objects[id] = .file(file)
  }

  private mutating func synchronize(_ id: FileID) {
    changeFile(id) { $0.synchronize() }
    let certain = withNeeds(steps.indices.filter { steps[$0].folder == id })
    for i in certain.sorted() {
      for (name, file) in steps[i].changes { durableNames[name] = file }
    }
    steps = steps.indices.filter { !certain.contains($0) }.map { steps[$0] }
  }

  /// These steps and the steps before them on which they depend, because they change the same names.
  func withNeeds(_ wanted: some Sequence<Int>) -> Set<Int> {
    var kept = Set(wanted)
    var touched: Set<Name> = []
    for i in steps.indices.reversed() {
      let names = steps[i].changes.map(\.name)
      if kept.contains(i) || names.contains(where: touched.contains) {
        kept.insert(i)
        touched.formUnion(names)
      }
    }
    return kept
  }

  /// The state after these steps and outcomes have reached the disk.
  func tree(keeping kept: Set<Int>, _ outcome: (FileID) -> FileModel.Outcome) -> DiskTree {
    var names = durableNames
    for i in steps.indices where kept.contains(i) {
      for (name, file) in steps[i].changes { names[name] = file }
    }
    return tree(names) { $1.bytes(outcome($0)) }
  }

  private func tree(_ names: [Name: FileID], _ bytes: (FileModel) -> [UInt8]) -> DiskTree {
    tree(names) { bytes($1) }
  }

  private func tree(_ names: [Name: FileID], _ bytes: (FileID, FileModel) -> [UInt8]) -> DiskTree {
    let children = Dictionary(grouping: names, by: \.key.folder)
    var tree = DiskTree()
    func visit(_ folder: FileID, _ path: String) {
      for (name, id) in children[folder] ?? [] {
        let path = path + name.name
        switch objects[id] {
        case .file(let file): tree.nodes[path] = .file(bytes(id, file))
        case .folder:
          tree.nodes[path] = .folder
          visit(id, path + "/")
        }
      }
    }
    visit(Self.root, "")
    return tree
  }

  private func known(_ call: TracedCall) throws -> FileID {
    guard let id = inodes[call.inode] else { throw TortureError("Nobody made the file of this call: \(call)") }
    return id
  }

  private func name(_ path: String) throws -> Name {
    let parts = path.split(separator: "/")
    guard let last = parts.last, last != "." else { throw TortureError("The path '\(path)' leaves the folder.") }
    var folder = Self.root
    for part in parts.dropLast() {
      guard let next = names[Name(folder: folder, name: part)] else {
        throw TortureError("Nobody made the folder of '\(path)'.")
      }
      folder = next
    }
    return Name(folder: folder, name: last)
  }
}

private func inode(of path: String) throws -> UInt64 {
  var status = stat()
  guard lstat(path, &status) == 0 else { throw TortureError("Cannot look up '\(path)': errno \(errno).") }
  return UInt64(status.st_ino)
}
