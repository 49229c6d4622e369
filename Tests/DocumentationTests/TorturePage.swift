import Foundation
import MartletTorture
import Testing

// The test of docs/torture.md; its program is in a package outside, which `make outside` runs.

func failOneCall(_ folder: String) async throws {
  let program = FaultyProgram("numbers", ["FOLDER"])
  let run = try await program.run(in: folder, [.fail(.of(.rename, path: "table/*"), errno: ENOSPC)])
  #expect(run.ending == .exited(1))
  #expect(run.errors.contains("No space left"))
}
