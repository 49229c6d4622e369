import FaultHarness
import MartletTorture
import Foundation
import Testing

/// Batches that fail within a partition while the process lives, and outputs that commit whole partitions.
@Suite(.enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"), .timeLimit(.minutes(30)))
struct InnerFailureTests {
  /// The rows of all published files, with the file of each.
  private func rows(_ folder: TestFolder) throws -> [Int] {
    let out = "\(folder.path)/out"
    return try FileManager.default.contentsOfDirectory(atPath: out).filter { !$0.hasPrefix(".") }.flatMap { name in
      try String(contentsOfFile: "\(out)/\(name)", encoding: .utf8).split(separator: "\n").map { try #require(Int($0)) }
    }
  }

  @Test(arguments: InnerFailure.allCases, ["files", "sink"])
  func `a batch that failed within a partition is written once when it runs again`(
    _ failure: InnerFailure, sink: String
  ) async throws {
    let folder = try TestFolder()
    try await failInside(failure, sink: sink, in: folder) {
      let written = try rows(folder)
      #expect(Set(written).count == written.count)
      #expect(written.count < InnerFailure.rows)
    }
    let written = try rows(folder)
    #expect(written.count == InnerFailure.rows)
    #expect(Set(written) == Set(0..<InnerFailure.rows))
  }

  @Test func `pipe does not count a program as successful if its status is unknown`()
    async throws
  {
    let folder = try TestFolder()
    let run = try await FaultyProgram("fault-subject", ["pipe-without-status", "FOLDER"]).run(in: folder.path)
    #expect(run.ending == .exited(1), "\(run.output)\(run.errors)")
    #expect(run.output.contains("SIGCHLD"), "\(run.output)")
  }

  @Test func `a refused run leaves signals to the running context`() async throws {
    let folder = try TestFolder()
    let running = try FaultyProgram("fault-subject", ["run-beside-another", "FOLDER"]).start(in: folder.path)
    try await running.process.wait(forOutput: "refused")
    running.process.signal(SIGTERM)
    let run = try await running.end()
    #expect(run.ending == .exited(0) && run.output.contains("ended"), "\(run.output)\(run.errors)")
  }
}
