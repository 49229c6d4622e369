import MartletTorture
import Foundation
import Testing

@Suite(.enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"))
struct ShimTests {
  @Test func `the library is found in a folder whose path has spaces and colons`() throws {
    let scratch = try TestFolder()
    let odd = try scratch.folder("my package: a,b;c")
    let library = "\(odd)/libMartletFaults.so"
    try Data("library".utf8).write(to: URL(fileURLWithPath: library))
    let path = try preloadable(library, scratch: scratch.path)
    #expect(!path.contains(" ") && !path.contains(":"))
    #expect(try readFile(path) == Array("library".utf8))
    #expect(try preloadable("/usr/lib/library.so", scratch: odd) == "/usr/lib/library.so")
    #expect(throws: TortureError.self) { try preloadable(library, scratch: odd) }
  }

  @Test func `the recorded calls describe the whole folder`() async throws {
    let folder = try TestFolder()
    var model = try DiskModel(of: folder.path)
    let run = try await FaultyProgram("fault-subject", ["scribble", "FOLDER"]).run(in: folder.path)
    #expect(run.ending == .exited(0), "\(run.output) \(run.errors)")
    #expect(run.trace.calls.map(\.number) == Array(1...run.trace.calls.count))
    for call in run.trace.calls { try model.apply(call) }
    let tree = try DiskTree(of: folder.path)
    #expect(model.tree == tree, "\(model.tree)\n\(tree)")
    // A file that is renamed while it is open is recorded with its new name.
    #expect(run.trace.calls.contains { $0.kind == .truncate && $0.path == "a/renamed" })
    #expect(tree.file("moved/one") == [] && tree.nodes["moved/y/z"] == .folder)
    #expect(tree.file("thread-3-19") == Array("3".utf8))
  }

  @Test func `a program is killed before, after and within a call`() async throws {
    let program = FaultyProgram("fault-subject", ["publish", "FOLDER"])
    func outcome(_ fault: Fault) async throws -> (calls: Int, sizes: [Int]) {
      let folder = try TestFolder()
      let run = try await program.run(in: folder.path, [fault])
      #expect(run.ending == .killed(signal: SIGKILL))
      let sizes = try DiskTree(of: folder.path).nodes.values.map {
        if case .file(let bytes) = $0 { bytes.count } else { 0 }
      }
      return (run.trace.calls.count, sizes)
    }
    // Of the calls, the first creates the file and the second writes it.
    #expect(try await outcome(.killBefore(.number(1))) == (0, []))
    #expect(try await outcome(.killAfter(.number(1))) == (1, [0]))
    #expect(try await outcome(.killBefore(.number(2))) == (1, [0]))
    #expect(try await outcome(.tear(.number(2), bytes: 700)) == (2, [700]))
    #expect(try await outcome(.killAfter(.number(2))) == (2, [6000]))
  }

  @Test func `calls fail by number, kind, path and position`() async throws {
    let program = FaultyProgram("fault-subject", ["publish", "FOLDER"])
    for (calls, code, expected) in [
      (Calls.number(1), ENOSPC, "Cannot create"), (.of(.create, path: ".file*"), EACCES, "Cannot create"),
      (.of(.write), EIO, "Cannot write to"), (.of(.sync, path: ".file*"), EIO, "to the disk"),
      (.of(.sync, path: "."), EIO, "to the disk"), (.of(.rename, path: "file"), ENOSPC, "Cannot rename"),
      (Calls(kinds: [.open], path: "."), EMFILE, "Cannot open"),
      (Calls(kinds: [.write, .rename], matches: 3...3), EDQUOT, "Cannot write to"),
    ] as [(Calls, Int32, String)] {
      let folder = try TestFolder()
      let run = try await program.run(in: folder.path, [.fail(calls, errno: code)])
      #expect(run.ending == .exited(1))
      #expect(run.output.contains(expected) && run.output.contains("errno \(code)") || code == EDQUOT, "\(run.output)")
    }
    for calls in [Calls.number(100), .of(.write, path: "other"), .of(.truncate), Calls(whileExists: "/nothing/here")] {
      let folder = try TestFolder()
      #expect(try await program.run(in: folder.path, [.fail(calls, errno: EIO)]).ending == .exited(0))
    }
  }

  @Test func `a short write and a delayed call do not change the result`() async throws {
    let folder = try TestFolder()
    let program = FaultyProgram("fault-subject", ["publish", "FOLDER"])
    let start = ContinuousClock.now
    let run = try await program.run(
      in: folder.path, [.short(.of(.write), bytes: 1000), .delay(.of(.rename), milliseconds: 30)])
    #expect(run.ending == .exited(0))
    #expect(run.trace.calls.filter { $0.kind == .write }.map(\.data.count) == Array(repeating: 1000, count: 12))
    #expect(try readFile("\(folder.path)/file").count == 6000)
    #expect(ContinuousClock.now - start >= .milliseconds(60))
  }

  @Test func `an invalid plan, a missing program and a hanging one are reported`() async throws {
    let folder = try TestFolder()
    var program = FaultyProgram("fault-subject", ["publish", "FOLDER"])
    let odd = try await program.run(in: folder.path, [.fail(.of(.write, path: "a,b"), errno: EIO)])
    #expect(odd.ending == .exited(121) && odd.errors.contains("MARTLET_FAULTS_PLAN"))
    let late = try await program.run(in: folder.path, [.delay(.of(.write), milliseconds: 3_600_000)], seconds: 0.3)
    #expect(late.ending == .timedOut)
    program.name = "no-such-program"
    await #expect(throws: TortureError.self) { try await program.run(in: folder.path) }
  }
}
