/// Where a run is cut off.
package struct KillPoint: Sendable, CustomStringConvertible {
  package var fault: Fault
  /// The calls that had begun or ended by then.
  package var call: TracedCall

  package var description: String { "\(fault.rule) at: \(call)" }
}

extension FaultyProgram {
  /// The ways in which a run whose calls are known can be killed: before its first call, after each, and amid each write.
  package static func killPoints(_ trace: Trace) -> [KillPoint] {
    trace.calls.flatMap { call -> [KillPoint] in
      var points = [KillPoint(fault: .killAfter(.number(call.number)), call: call)]
      if call.number == 1 { points.insert(KillPoint(fault: .killBefore(.number(1)), call: call), at: 0) }
      if call.kind == .write, call.data.count > 1 {
        points.append(KillPoint(fault: .tear(.number(call.number), bytes: call.data.count / 2), call: call))
      }
      return points
    }
  }

  /// Runs the program once to learn its calls. Then kills it at each of them, every time in a new folder, and calls
  /// `verify`, for several at a time, with the folder that is left.
  ///
  /// - Parameter prepare: fills a new folder before the program starts.
  /// - Returns: how often the program was killed.
  @discardableResult
  package func killAtEveryCall(
    prepare: @escaping @Sendable (_ folder: String) throws -> Void = { _ in },
    verify: @escaping @Sendable (_ folder: String, _ point: KillPoint, _ run: Run) async throws -> Void
  ) async throws -> Int {
    let whole = try TestFolder()
    try prepare(whole.path)
    let run = try await run(in: whole.path)
    guard run.ending == .exited(0) else {
      throw HarnessError("The undisturbed run ended with \(run.ending):\n\(run.output)\n\(run.errors)")
    }
    let points = Self.killPoints(run.trace)
    try await concurrently(points) { point in
      let folder = try TestFolder()
      try prepare(folder.path)
      let run = try await self.run(in: folder.path, [point.fault])
      guard run.ending == .killed(signal: 9) else {
        throw HarnessError("\(point): the program was not killed but ended with \(run.ending).\n\(run.errors)")
      }
      try await verify(folder.path, point, run)
    }
    return points.count
  }

  /// Runs the program once. Then makes a folder of each image that a failing power may have left at any moment, and calls
  /// `verify` with it, for several at a time.
  ///
  /// - Parameters:
  ///   - samples: random combinations at each moment, beside the extreme ones.
  ///   - prepare: fills a new folder before the program starts; what it writes is taken to be on the disk.
  /// - Returns: the number of images.
  @discardableResult
  package func losePowerAtEveryCall(
    samples: Int = 4, prepare: (_ folder: String) throws -> Void = { _ in },
    verify: @escaping @Sendable (_ folder: String, _ image: CrashImage) async throws -> Void
  ) async throws -> Int {
    let whole = try TestFolder()
    try prepare(whole.path)
    let model = try DiskModel(of: whole.path)
    let run = try await run(in: whole.path)
    guard run.ending == .exited(0) else {
      throw HarnessError("The undisturbed run ended with \(run.ending):\n\(run.output)\n\(run.errors)")
    }
    let images = try model.crashImages(run.trace, samples: samples)
    try await concurrently(images) { image in
      let folder = try TestFolder()
      try image.tree.write(to: folder.path)
      try await verify(folder.path, image)
    }
    return images.count
  }
}

/// Calls `body` for each element, for several at a time, and throws the first error.
package func concurrently<Element: Sendable>(
  _ elements: [Element], _ body: @escaping @Sendable (Element) async throws -> Void
) async throws {
  try await withThrowingTaskGroup(of: Void.self) { group in
    for (i, element) in elements.enumerated() {
      // Programs take turns on the processors: a few more than there are keep all of them busy.
      if i >= 8 { try await group.next() }
      group.addTask { try await body(element) }
    }
    try await group.waitForAll()
  }
}
