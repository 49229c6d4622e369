import MartletTorture
import Foundation
import TestSupport
import Testing

/// A stream of files on a disk that fails.
@Suite(.enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"))
struct StreamFaultTests {
  /// A stream from `in` to `out` in a new folder; the faults last until they are repaired.
  private struct Stream {
    let folder: TestFolder
    let scratch: TestFolder
    let running: FaultyProgram.Running
    private let control: String

    init(_ code: Int32, _ calls: Calls) async throws {
      folder = try TestFolder()
      scratch = try TestFolder()
      control = "\(scratch.path)/broken"
      _ = try folder.folder("in")
      try Data().write(to: URL(fileURLWithPath: control))
      var calls = calls
      calls.whileExists = control
      running = try await FaultyProgram("fault-subject", ["stream", "FOLDER"]).start(
        in: folder.path, [.fail(calls, errno: code)])
      try await running.process.wait(forOutput: "started")
    }

    func repair() throws { try FileManager.default.removeItem(atPath: control) }

    /// Moves a file in.
    func give(_ name: String, _ text: String) throws {
      try writeStreamInput("\(scratch.path)/\(name)", text)
      try FileManager.default.moveItem(atPath: "\(scratch.path)/\(name)", toPath: "\(folder.path)/in/\(name)")
    }

    /// Runs a batch and waits until the program reports `outcome`.
    func batch(_ outcome: String) async throws {
      running.process.send("batch")
      try await running.process.wait(forOutput: outcome)
    }

    /// The lines of a batch's folder; nil if it is missing or incomplete.
    func saved(_ time: Int) throws -> [Substring]? {
      let tree = try DiskTree(of: folder.path)
      guard tree.file("out/batch-\(time)/_SUCCESS") != nil else { return nil }
      return tree.nodes.keys.filter { $0.hasPrefix("out/batch-\(time)/part-") }.sorted().flatMap {
        String(decoding: tree.file($0) ?? [], as: UTF8.self).split(separator: "\n")
      }
    }
  }

  @Test(
    arguments: [
      (ENOSPC, Calls.of(.write, path: "out/*"), "Free space"), (EIO, .of(.sync, path: "out/*"), "may be failing"),
      (EACCES, .of(.mkdir, path: "out/*"), "Grant this user permission"),
      (EROFS, .of(.rename, path: "out/*"), "reading only"),
    ] as [(Int32, Calls, String)])
  func `a failed output fails its batch and ends the stream, and earlier outputs remain`(
    _ code: Int32, _ calls: Calls, _ advice: String
  ) async throws {
    var once = calls
    // The first file of the second batch.
    once.path = "*batch-2000*"
    let stream = try await Stream(code, once)
    try stream.give("a", "one\ntwo\n")
    try await stream.batch("done 1000")
    try stream.give("b", "three\n")
    try await stream.batch("batch failed: ")
    let run = try await stream.running.end()
    #expect(run.ending == .exited(1), "\(run.output)")
    #expect(run.output.contains(advice) && run.output.contains("saveAsTextFiles at "), "\(run.output)")
    #expect(run.output.contains("\nfailed: "), "awaitTermination throws: \(run.output)")
    #expect(try stream.saved(1000) == ["one", "two"])
    #expect(try DiskTree(of: stream.folder.path).nodes.keys.allSatisfy { !$0.contains("batch-2000") })
  }

  @Test(arguments: [
    (EACCES, Calls.of(.list, path: "in")), (EIO, .of(.entry, path: "in")), (EIO, .of(.stat, path: "in/a")),
  ])
  func `a folder that cannot be listed makes empty batches until it can`(_ code: Int32, _ calls: Calls) async throws {
    let stream = try await Stream(code, calls)
    try stream.give("a", "one\n")
    try await stream.batch("done 1000")
    #expect(try stream.saved(1000) == [])
    try stream.repair()
    try await stream.batch("done 2000")
    #expect(try stream.saved(2000) == ["one"])
    let run = try await stream.running.end()
    #expect(run.ending == .exited(0), "\(run.output)")
    #expect(run.output.contains("told: Cannot "), "listeners are told: \(run.output)")
  }

  @Test(arguments: [(EACCES, Calls.of(.open, path: "in/a")), (EIO, .of(.read, path: "in/a"))])
  func `a file that cannot be read fails its batch, which saves nothing`(_ code: Int32, _ calls: Calls) async throws {
    let stream = try await Stream(code, calls)
    try stream.give("a", "one\n")
    try await stream.batch("batch failed: ")
    let run = try await stream.running.end()
    #expect(run.ending == .exited(1) && run.output.contains("/in/a'"), "\(run.output)")
    #expect(try stream.saved(1000) == nil)
    #expect(try DiskTree(of: stream.folder.path).nodes.keys.allSatisfy { !$0.contains("batch-1000") })
  }

  @Test func `a file whose lookup failed for a while is not read again`() async throws {
    // The first batch looks up the file three times: when it lists the folder, to check whether it is being written,
    // and when it reads it.
    let stream = try await Stream(EIO, Calls(kinds: [.stat], path: "in/a", matches: 4...4))
    try stream.give("a", "one\n")
    for time in [1000, 2000, 3000] { try await stream.batch("done \(time)") }
    #expect(try await stream.running.end().ending == .exited(0))
    #expect(try [1000, 2000, 3000].map(stream.saved) == [["one"], [], []])
  }

  @Test func `killed or without power at any call, each batch is saved completely or not at all`() async throws {
    let program = FaultyProgram("fault-subject", ["stream-batches", "FOLDER"])
    let lines = [1000: "a\n", 2000: "b\nc\n", 3000: ""]

    @Sendable func check(_ tree: DiskTree, told: [String], _ story: String) {
      for (time, expected) in lines {
        let files = tree.nodes.keys.filter { $0.hasPrefix("out-\(time)/") }.sorted()
        let text = files.flatMap { tree.file($0) ?? [] }
        let isWhole = files.contains("out-\(time)/_SUCCESS") && text == Array(expected.utf8)
        #expect(isWhole || tree.nodes["out-\(time)"] == nil, "\(story): \(tree)")
        if told.contains("\(time)") { #expect(isWhole, "\(story): \(tree)") }
      }
    }
    let kills = try await program.killAtEveryCall { folder, point, run in
      check(try DiskTree(of: folder), told: run.trace.marks.map(\.name), "\(point)")
    }
    let images = try await program.losePowerAtEveryCall { check($1.tree, told: $1.marks, $1.story) }
    #expect(kills > 30 && images > 30)
  }
}
