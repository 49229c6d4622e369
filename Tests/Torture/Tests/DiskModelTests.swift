import MartletTorture
import Testing

@Suite(.enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"))
struct DiskModelTests {
  /// Runs a command of the subject in an empty folder; returns the images that a power failure may leave at any moment.
  private func images(of command: String, in given: TestFolder? = nil) async throws -> [CrashImage] {
    let folder = try given ?? TestFolder()
    let model = try DiskModel(of: folder.path)
    let run = try await FaultyProgram("fault-subject", [command, "FOLDER"]).run(in: folder.path)
    try #require(run.ending == .exited(0), "\(run.output) \(run.errors)")
    return try model.crashImages(run.trace)
  }

  private let whole = Array(String(repeating: "x", count: 2000).utf8)

  @Test func `a file that is renamed without a sync may be empty, torn, zeros or missing`() async throws {
    let images = try await images(of: "rename-unsynced")
    let found = images.filter { $0.marks == ["renamed"] }.map { $0.tree.file("file") }
    let zeros = [UInt8](repeating: 0, count: 2000)
    let halves = [Array(whole[..<1024]), Array(zeros[..<1024] + whole[1024...])]
    for expected in [nil, [], whole, zeros, halves[0], halves[1]] as [[UInt8]?] {
      #expect(found.contains(expected), "\(expected?.count ?? -1) bytes")
    }
    #expect(images.allSatisfy { $0.tree.nodes.count <= 1 }, "a rename takes both names at one moment")
  }

  @Test func `a file is complete after a sync, a rename and a sync of its folder`() async throws {
    let images = try await images(of: "rename-synced")
    #expect(images.allSatisfy { [nil, whole].contains($0.tree.file("file")) })
    let renamed = images.filter { $0.marks == ["renamed"] }
    #expect(renamed.count == 1 && renamed[0].tree.file("file") == whole)
    #expect(images.contains { $0.tree.file("temporary") == [] })
  }

  @Test func `a published file is the old one or the new one, whenever the power fails`() async throws {
    let old = Array(String(repeating: "old", count: 2000).utf8)
    let new = Array(String(repeating: "new", count: 2000).utf8)
    let images = try await images(of: "publish")
    for image in images {
      let file = image.tree.file("file")
      switch image.marks {
      case []: #expect(file == nil || file == old, "\(image)")
      case ["old"]: #expect(file == old || file == new, "\(image)")
      default: #expect(file == new, "\(image)")
      }
      #expect(image.tree.visiblePaths.allSatisfy { $0 == "file" })
    }
    #expect(images.contains { $0.marks == ["old"] && $0.tree.file("file") == new })
    #expect(images.count > 10)
  }

  @Test func `a replaced folder is completely the old one or the new one, whenever the power fails`() async throws {
    let old = Array(String(repeating: "old", count: 2000).utf8)
    let new = Array(String(repeating: "new", count: 2000).utf8)
    let images = try await images(of: "replace")
    for image in images {
      let file = image.tree.file("out/file")
      switch image.marks {
      case []: #expect(file == old || !image.tree.visiblePaths.contains { $0.hasPrefix("out") }, "\(image)")
      case ["old"]: #expect(file == old || file == new, "\(image)")
      default: #expect(file == new, "\(image)")
      }
    }
    for found in [old, new] {
      #expect(images.contains { $0.marks == ["old"] && $0.tree.file("out/file") == found })
    }
  }

  @Test func `files from before the run are assumed to be on the disk`() async throws {
    let folder = try TestFolder()
    var before = DiskTree()
    before.nodes = ["a": .folder, "a/kept": .file([1, 2, 3]), "file": .file([4])]
    try before.write(to: folder.path)
    let images = try await images(of: "rename-synced", in: folder)
    for image in images {
      #expect(image.tree.file("a/kept") == [1, 2, 3])
      #expect([[4], whole].contains(image.tree.file("file")), "\(image)")
    }
    // An image can be written to a folder again.
    let copy = try TestFolder()
    let last = try #require(images.last)
    try last.tree.write(to: copy.path)
    #expect(try DiskTree(of: copy.path) == last.tree)
  }
}

/// Tests of the model alone, with calls that no program made.
@Suite struct DiskModelRuleTests {
  /// The possible names and sizes after these calls, one text for each image: `a:3 b/`.
  private func finds(_ calls: [TracedCall]) throws -> Set<String> {
    let folder = try TestFolder()
    var trace = try Trace([])
    for (i, call) in (calls + [TracedCall(.unlink, ".mark:end", error: 2)]).enumerated() {
      trace.calls.append(call)
      trace.calls[i].number = i + 1
    }
    let images = try DiskModel(of: folder.path).crashImages(trace, samples: 50).filter { $0.marks == ["end"] }
    return Set(
      images.map { image in
        image.tree.nodes.sorted { $0.key < $1.key }.map { path, node in
          if case .file(let bytes) = node { "\(path):\(bytes.count)" } else { "\(path)/" }
        }.joined(separator: " ")
      })
  }

  private static func wrote(_ name: String, _ inode: UInt64, at offset: Int, _ count: Int) -> TracedCall {
    TracedCall(.write, name, inode: inode, offset: offset, data: [UInt8](repeating: 7, count: count))
  }

  private static func synced(_ name: String, _ inode: UInt64) -> [TracedCall] {
    [
      .init(.create, name, inode: inode, flags: .created), Self.wrote(name, inode, at: 0, 3),
      .init(.sync, name, inode: inode),
    ]
  }

  @Test func `a synced file may lack its name until its folder is synced`() throws {
    let calls = [TracedCall(.mkdir, "d", inode: 1)] + Self.synced("d/a", 2)
    #expect(try finds(calls) == ["", "d/", "d/ d/a:3"])
    let folder = TracedCall(.sync, "d", inode: 1)
    #expect(try finds(calls + [folder]) == ["", "d/ d/a:3"])
  }

  @Test func `changes of names reach the disk in any order, those of one name in their own`() throws {
    let both = Self.synced("a", 1) + Self.synced("b", 2)
    #expect(try finds(both) == ["", "a:3", "b:3", "a:3 b:3"])
    let again = Self.synced("a", 1) + [.init(.unlink, "a", inode: 1), .init(.create, "a", inode: 5, flags: .created)]
    #expect(try finds(again) == ["", "a:3", "a:0"])
    let moved = Self.synced("a", 1) + [.init(.rename, "a", to: "b", inode: 1), .init(.rename, "b", to: "c", inode: 1)]
    #expect(try finds(moved) == ["", "a:3", "b:3", "c:3"])
  }

  @Test func `two folders exchange their places at one moment`() throws {
    var exchange = TracedCall(.rename, "d", to: "e", inode: 1)
    exchange.flags = .exchange
    let calls = [TracedCall(.mkdir, "d", inode: 1), .init(.mkdir, "e", inode: 2)] + Self.synced("d/a", 3)
    #expect(
      try finds(calls + [.init(.sync, "d", inode: 1)] + [exchange])
        == ["", "d/ d/a:3", "e/", "d/ d/a:3 e/", "d/ e/ e/a:3"])
  }

  @Test func `bytes remain uncertain after a failed sync, even after one that succeeds`() throws {
    let start = Self.synced("a", 1) + [Self.wrote("a", 1, at: 3, 4), .init(.sync, "a", inode: 1, error: 5)]
    #expect(try finds(start + [.init(.sync, "a", inode: 1)]).contains("a:3"))
    #expect(
      try finds(Self.synced("a", 1) + [Self.wrote("a", 1, at: 3, 4)] + [.init(.sync, "a", inode: 1)]) == ["", "a:7"])
  }

  @Test func `a call that failed changes nothing, and a link keeps a file alive`() throws {
    #expect(try finds([.init(.mkdir, "d", inode: 1, error: 28)]) == [""])
    let linked = Self.synced("a", 1) + [.init(.link, "a", to: "b", inode: 1), .init(.unlink, "a", inode: 1)]
    #expect(try finds(linked) == ["", "a:3", "b:3", "a:3 b:3"])
  }
}
