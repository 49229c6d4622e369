import MartletTorture
import Foundation
import Testing

/// The files that `saveAsTextFile` leaves when it is interrupted, or when the disk fails.
@Suite(.enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"))
struct SavingTests {
  private static let program = FaultyProgram("fault-subject", ["save", "FOLDER"])

  /// True if the folder is complete: two partitions and the mark of success.
  private static func isWhole(_ tree: DiskTree) -> Bool {
    let parts = ["part-00000", "part-00001"].compactMap { tree.file("deep/out/\($0)") }
    let lines = (0..<2000).map { "\($0)\n" }.joined()
    return parts.count == 2 && parts.joined().elementsEqual(lines.utf8) && tree.file("deep/out/_SUCCESS") == []
  }

  private static func isAbsent(_ tree: DiskTree) -> Bool {
    !tree.visiblePaths.contains { $0.hasPrefix("deep/out") }
  }

  @Test func `killed at any call, saving leaves the folder complete or missing, and can be repeated`() async throws {
    let kills = try await Self.program.killAtEveryCall { folder, point, run in
      let tree = try DiskTree(of: folder)
      #expect(Self.isWhole(tree) || Self.isAbsent(tree), "\(point): \(tree)")
      if run.trace.marks.count == 1 { #expect(Self.isWhole(tree), "\(point): \(tree)") }
      let again = try await Self.program.run(in: folder)
      #expect(again.ending == .exited(Self.isWhole(tree) ? 1 : 0), "\(point): \(again.output)")
      #expect(Self.isWhole(try DiskTree(of: folder)), "\(point)")
    }
    #expect(kills > 10)
  }

  @Test func `when the power fails, the folder is complete or missing, and present once it was reported`() async throws
  {
    let images = try await Self.program.losePowerAtEveryCall { folder, image in
      #expect(Self.isWhole(image.tree) || Self.isAbsent(image.tree), "\(image)")
      if image.marks == ["saved"] { #expect(Self.isWhole(image.tree), "\(image)") }
      let again = try await Self.program.run(in: folder)
      #expect(again.ending == .exited(Self.isWhole(image.tree) ? 1 : 0), "\(image): \(again.output)")
    }
    #expect(images > 10)
  }

  @Test(arguments: [ENOSPC, EIO, EACCES, EROFS])
  func `whichever call fails, the job fails with the reason and leaves no part of the folder`(
    _ code: Int32
  ) async throws {
    let whole = try TestFolder()
    let calls = try await Self.program.run(in: whole.path).trace.calls.filter { $0.mark == nil }
    #expect(calls.count > 8)
    try await concurrently(calls) { call in
      let folder = try TestFolder()
      let run = try await Self.program.run(in: folder.path, [.fail(.number(call.number), errno: code)])
      #expect(run.ending == .exited(1), "\(call): \(run.output)")
      #expect(run.output.contains(folder.path), "\(call): \(run.output)")
      #expect(run.output.contains(String(cString: strerror(code))), "\(call): \(run.output)")
      let tree = try DiskTree(of: folder.path)
      #expect(tree.nodes.keys.allSatisfy { !$0.contains("/.") }, "no hidden files are left, \(call): \(tree)")
      if call.number == calls.last?.number {
        // The rename has happened, and it is unknown whether it has reached the disk.
        #expect(call.kind == .sync && Self.isWhole(tree), "\(call): \(tree)")
      } else {
        #expect(Self.isAbsent(tree), "\(call): \(tree)")
        #expect(try await Self.program.run(in: folder.path).ending == .exited(0), "\(call)")
      }
    }
  }

  @Test func `on a disk without an exclusive rename, the folder still appears`() async throws {
    let folder = try TestFolder()
    let run = try await Self.program.run(
      in: folder.path, [.fail(Calls(kinds: [.rename], matches: 1...1), errno: EINVAL)])
    #expect(run.ending == .exited(0), "\(run.output)")
    #expect(Self.isWhole(try DiskTree(of: folder.path)))
  }

  @Test func `on a full disk nothing is left, a job that must spill fails, and a cache still works`() async throws {
    let folder = try TestFolder()
    // So full that some of the files fit.
    let full = Fault.fail(Calls(kinds: [.write], matches: 4...1_000_000), errno: ENOSPC)
    for command in ["save-large", "save-objects", "spill"] {
      let run = try await FaultyProgram("fault-subject", [command, "FOLDER"]).run(in: folder.path, [full])
      #expect(run.ending == .exited(1), "\(command): \(run.output)")
      #expect(run.output.contains("Free space on that disk"), "\(command): \(run.output)")
      #expect(try DiskTree(of: folder.path).nodes.isEmpty, "\(command)")
    }
    let run = try await FaultyProgram("fault-subject", ["cache", "FOLDER"]).run(in: folder.path, [full])
    #expect(run.ending == .exited(0) && run.lines == ["200000", "200000", "200000", "200000"], "\(run.output)")
    #expect(run.trace.calls.contains { $0.error == ENOSPC })
  }
}
