#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The extent of a sweep, which may take long.
package enum Sweep {
  /// True if everything is tried: `MARTLET_SWEEP=full` in the environment, which `make torture-sweep` sets.
  package static let isFull = getenv("MARTLET_SWEEP").map { String(cString: $0) } == "full"

  /// The seed of random choices: `MARTLET_SWEEP_SEED`, 1 if it is not set.
  package static let seed = getenv("MARTLET_SWEEP_SEED").flatMap { UInt64(String(cString: $0)) } ?? 1

  /// `count` of the elements, chosen at random and left in their order; all in a full sweep.
  package static func sample<Element>(_ elements: [Element], _ count: Int?) -> [Element] {
    isFull ? elements : some(elements, count)
  }

  /// `count` of the elements, chosen at random and left in their order, in any sweep.
  package static func some<Element>(_ elements: [Element], _ count: Int?) -> [Element] {
    guard let count, count < elements.count else { return elements }
    var random = SeededGenerator(seed: seed)
    return elements.indices.shuffled(using: &random).prefix(count).sorted().map { elements[$0] }
  }
}

/// The point at which a run is killed.
public struct KillPoint: Sendable, CustomStringConvertible {
  public var fault: Fault
  /// The last call that had begun or ended by then.
  public var call: TracedCall

  public var description: String { "\(fault.rule) at: \(call)" }
}

extension FaultyProgram {
  /// The ways in which a run whose calls are known can be killed: before its first call, after each, and in the middle
  /// of each write.
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
  /// `verify` with the folder that remains. Several runs are in progress at a time.
  ///
  /// - Parameters:
  ///   - sample: the number of calls, chosen at random; all if this is nil or the sweep is a full one.
  ///   - prepare: fills a new folder before the program starts.
  /// - Returns: the number of times that the program was killed.
  @discardableResult
  public func killAtEveryCall(
    sample: Int? = nil,
    prepare: @escaping @Sendable (_ folder: String) throws -> Void = { _ in },
    verify: @escaping @Sendable (_ folder: String, _ point: KillPoint, _ run: Run) async throws -> Void
  ) async throws -> Int {
    let whole = try TestFolder()
    try prepare(whole.path)
    let run = try await run(in: whole.path)
    guard run.ending == .exited(0) else {
      throw TortureError("The undisturbed run ended with \(run.ending):\n\(run.output)\n\(run.errors)")
    }
    let points = Sweep.sample(Self.killPoints(run.trace), sample)
    try await concurrently(points) { point in
      let folder = try TestFolder()
      try prepare(folder.path)
      let run = try await self.run(in: folder.path, [point.fault])
      guard run.ending == .killed(signal: 9) else {
        throw TortureError("\(point): the program was not killed but ended with \(run.ending).\n\(run.errors)")
      }
      try await verify(folder.path, point, run)
    }
    return points.count
  }

  /// Runs the program once. Then makes a folder of each image that a power failure may have left at any moment, and
  /// calls `verify` with it, for several at a time.
  ///
  /// - Parameters:
  ///   - sample: the number of images, chosen at random; all if this is nil or the sweep is a full one.
  ///   - samples: the number of random combinations at each moment, in addition to the extreme ones.
  ///   - prepare: fills a new folder before the program starts; the contents are assumed to be on the disk.
  /// - Returns: the number of images.
  @discardableResult
  public func losePowerAtEveryCall(
    sample: Int? = nil, samples: Int = 4, prepare: (_ folder: String) throws -> Void = { _ in },
    verify: @escaping @Sendable (_ folder: String, _ image: CrashImage) async throws -> Void
  ) async throws -> Int {
    let whole = try TestFolder()
    try prepare(whole.path)
    let model = try DiskModel(of: whole.path)
    let run = try await run(in: whole.path)
    guard run.ending == .exited(0) else {
      throw TortureError("The undisturbed run ended with \(run.ending):\n\(run.output)\n\(run.errors)")
    }
    let images = try model.crashImages(run.trace, samples: samples, sample: sample)
    try await concurrently(images) { image in
      let folder = try TestFolder()
      try image.tree.write(to: folder.path)
      try await verify(folder.path, image)
    }
    return images.count
  }

  /// Kills the program at its calls, starts `again` in the same folder, and calls `verify` with images that a power
  /// failure may have left at any moment of that second run. Changes that the first run had not synchronized may be
  /// gone.
  ///
  /// - Parameters:
  ///   - kills: the number of calls of the first run, chosen at random; and all that make folders, which later runs
  ///     find there.
  ///   - images: the number of images of each second run, chosen at random; four times as many after those that make
  ///     folders, and in a full sweep.
  /// - Returns: the number of images.
  @discardableResult
  public func losePowerAfterKills(
    _ kills: Int?, images imageCount: Int?, again: @escaping @Sendable (_ killed: Run) -> FaultyProgram,
    verify: @escaping @Sendable (_ folder: String, _ killed: Run, _ image: CrashImage) async throws -> Void
  ) async throws -> Int {
    let all = Self.killPoints(try await undisturbedTrace())
    let points =
      all.filter { $0.call.kind == .mkdir } + Sweep.sample(all.filter { $0.call.kind != .mkdir }, kills)
    return try await losePower(
      after: points, endings: [.killed(signal: 9)], images: imageCount, again: again, verify: verify)
  }

  /// Fails syncs of the program with EIO, starts `again` in the same folder, and calls `verify` with images of the disk if
  /// the power fails at any moment of that second run.
  ///
  /// A system takes bytes whose sync has failed for written: it shows them to the second run, whose own syncs succeed without
  /// writing them.
  ///
  /// - Parameters:
  ///   - syncs: how many syncs, chosen at random.
  ///   - images: how many images of each second run, chosen at random; four times as many in a full sweep.
  /// - Returns: the number of images.
  @discardableResult
  public func losePowerAfterFailedSyncs(
    _ syncs: Int?, images imageCount: Int?, again: @escaping @Sendable (_ failed: Run) -> FaultyProgram,
    verify: @escaping @Sendable (_ folder: String, _ failed: Run, _ image: CrashImage) async throws -> Void
  ) async throws -> Int {
    let calls = try await undisturbedTrace().calls.filter { $0.kind == .sync }
    let points = calls.map { KillPoint(fault: .fail(.number($0.number), errno: EIO), call: $0) }
    return try await losePower(
      after: Sweep.sample(points, syncs), endings: [.exited(0), .exited(1)], images: imageCount, again: again,
      verify: verify)
  }

  private func undisturbedTrace() async throws -> Trace {
    let folder = try TestFolder()
    let run = try await run(in: folder.path)
    guard run.ending == .exited(0) else {
      throw TortureError("The undisturbed run ended with \(run.ending):\n\(run.output)\n\(run.errors)")
    }
    return run.trace
  }

  private func losePower(
    after points: [KillPoint], endings: [ChildProcess.Ending], images imageCount: Int?,
    again: @escaping @Sendable (Run) -> FaultyProgram,
    verify: @escaping @Sendable (_ folder: String, _ first: Run, _ image: CrashImage) async throws -> Void
  ) async throws -> Int {
    let count = Counter()
    try await concurrently(points) { point in
      let folder = try TestFolder()
      var model = try DiskModel(of: folder.path)
      let first = try await self.run(in: folder.path, [point.fault])
      guard endings.contains(first.ending) else {
        throw TortureError("\(point): the program ended with \(first.ending).\n\(first.errors)")
      }
      for call in first.trace.calls { try model.apply(call) }
      let second = try await again(first).run(in: folder.path)
      guard second.ending == .exited(0) else {
        throw TortureError("After \(point): \(second.ending)\n\(second.output)\n\(second.errors)")
      }
      // Each has hundreds of images: also a full sweep takes a part of them.
      let sample = imageCount.map { $0 * (point.call.kind == .mkdir || Sweep.isFull ? 4 : 1) }
      for var image in try model.crashImages(second.trace, sample: sample, all: false) {
        image.story = "after \(point), \(image.story)"
        let folder = try TestFolder()
        try image.tree.write(to: folder.path)
        try await verify(folder.path, first, image)
        await count.increase()
      }
    }
    return await count.value
  }
}

/// Calls `body` for each element, for several at a time, and throws the first error.
package func concurrently<Element: Sendable>(
  _ elements: [Element], _ body: @escaping @Sendable (Element) async throws -> Void
) async throws {
  try await withThrowingTaskGroup(of: Void.self) { group in
    for (i, element) in elements.enumerated() {
      // Programs take turns on the processors: a few more than there are processors keep all of them busy.
      if i >= 8 { try await group.next() }
      group.addTask { try await body(element) }
    }
    try await group.waitForAll()
  }
}

private actor Counter {
  var value = 0
  func increase() { value += 1 }
}
