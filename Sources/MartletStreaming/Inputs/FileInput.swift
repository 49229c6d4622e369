import Logging
public import MartletCore
public import MartletRDD
import Synchronization

/// A stream of the files that appear in a folder.
final class FileInput<Element: Sendable>: DStream<Element>, DescribedInput, RecoverableInput, @unchecked Sendable {
  // Sendable: `streamID` is set in `init` alone, before there are other threads that have the stream.
  private let folder: String
  private let newFilesOnly: Bool
  private let settleTime: Duration
  private let read: @Sendable ([InputFile]) throws -> RDD<Element>
  let scan: Mutex<(folders: FolderWatch, progress: FolderProgress)>
  private let plans = Mutex(FilePlans())
  private let isRestored = Mutex(false)
  private let described = Mutex<[(time: Time, info: StreamInputInfo)]>([])
  private let counts = Mutex<[(time: Time, count: ReadCount)]>([])
  private let lastProblem = Mutex<String?>(nil)
  private(set) var streamID = -1
  /// The RDD of batches for which there are no files.
  private let nothing: RDD<Element>

  init(
    _ folder: String, filter: @escaping @Sendable (String) -> Bool, newFilesOnly: Bool, _ context: StreamingContext,
    _ site: OperatorSite, read: @escaping @Sendable ([InputFile]) throws -> RDD<Element>
  ) {
    self.folder = folder
    self.newFilesOnly = newFilesOnly
    nothing = EmptyRDD(context.sparkContext, site)
    self.read = read
    var settle = 200
    var maximum = Int.max
    do {
      settle = min(
        try context.sparkContext.conf.integer(FileStreamSetting.settleKey, default: 200, minimum: 0), 1_000_000_000)
      maximum = try context.sparkContext.conf.integer(FileStreamSetting.maxFilesKey, default: .max, minimum: 1)
    } catch { context.graph.fail(error) }
    settleTime = .milliseconds(settle)
    scan = Mutex(
      (
        FolderWatch(folder, filter: filter),
        FolderProgress(settleTime: Int64(settle) * 1_000_000, maximumFiles: maximum)
      ))
    super.init(context: context, site: site)
    streamID = context.graph.add(self)
  }

  func start() {
    guard newFilesOnly, !isRestored.withLock({ $0 }) else { return }
    scan.withLock { scan in
      guard let present = try? scan.folders.look(scan.progress) else { return }
      scan.progress.ignore(present.files, born: birthTime)
    }
  }

  func stop() {}

  /// Waits for files that were written where they lie, as long as they must have been left alone.
  var hasMore: Bool { waitForLastFiles(settleTime: settleTime) }

  override func compute(_ time: Time) throws -> RDD<Element>? {
    if let files = plans.withLock({ $0.planned(at: time) }) { return try readAgain(files, at: time) }
    let (take, skipped): ([SeenFile], [SkippedFile])
    do {
      (take, skipped) = try newFiles(at: time)
      lastProblem.withLock { $0 = nil }
    } catch {
      report(error, at: time)
      return nothing
    }
    if !take.isEmpty || !skipped.isEmpty {
      let lines = take.map(\.path) + skipped.map { "left out: \($0.path): \($0.reason)" }
      note(lines.joined(separator: "\n"), at: time)
    }
    warn(of: skipped)
    guard !take.isEmpty else { return nothing }
    return try counted(take, at: time)
  }

  /// The files for the batch at `time`, and those to be told of.
  private func newFiles(at time: Time) throws -> (take: [SeenFile], skipped: [SkippedFile]) {
    // In one step, so that no `progress()` says of a file that it has been read and its plan is not known yet.
    try scan.withLock { scan in
      let look = try scan.folders.look(scan.progress)
      let next = scan.progress.next(look, now: fileClock(), isBeingWritten: isBeingWritten, born: birthTime)
      plans.withLock { plans in
        plans.note(next.take, at: time)
        plans.forget(through: time - rememberDuration - slideDuration)
      }
      return next
    }
  }

  /// The records that the batch at `time` had before a restart.
  private func readAgain(_ planned: [SeenFile], at time: Time) throws -> RDD<Element> {
    let files = try planned.filter { file in
      guard let problem = try change(of: file) else { return true }
      let message = """
        \(site.name) at \(site.callSite): the file '\(file.path)' \(problem) since it was read for the batch of \
        \(time.localDescription), which must be computed again after a restart.
        """
      guard plans.withLock({ $0.leavesOutMissing }) else {
        throw MartletError(
          .inputOutput,
          "\(message) Put it back; or go on without it, with CheckpointOptions(leavingOutMissingFiles: true).")
      }
      context.sparkContext.logger.warning("\(message) Its records are left out.")
      return false
    }
    if files.isEmpty { return nothing }
    note(files.map(\.path).joined(separator: "\n"), at: time)
    return try counted(files, at: time)
  }

  /// The records of `files`, which are counted as the batch reads them.
  private func counted(_ files: [SeenFile], at time: Time) throws -> RDD<Element> {
    let count = ReadCount()
    let rdd = try read(files.map { InputFile(path: $0.path, size: $0.size) }).counted(by: count, site)
    counts.withLock { $0.append((time, count)) }
    return rdd
  }

  /// What has happened to a file since it was read; `nil` if it is as it was.
  private func change(of file: SeenFile) throws -> String? {
    guard let now = try seenFile(file.path) else { return "has been removed" }
    // What has been appended is not read.
    let isSame =
      now.inode == file.inode && (now.modified == file.modified || now.size > file.size)
      && (file.born == 0 || birthTime(now) == file.born)
    return isSame ? nil : "has been changed"
  }

  // MARK: Checkpoints

  var inputIdentity: String { "\(site.name)(\"\(folder)\")" }

  func keepPlans(_ log: InputLog) { plans.withLock { $0.keep(log) } }

  func takePlans() -> [InputPlan] { plans.withLock { $0.takeAll() } }

  func progress() -> ByteBuffer {
    encoded(scan.withLock { scan in scan.progress.settled(without: plans.withLock { $0.untakenPaths }) })
  }

  func restore(progress bytes: UnsafeRawBufferPointer) throws {
    let files = try decodedFiles(bytes)
    scan.withLock { $0.progress.restore(files) }
    isRestored.withLock { $0 = true }
  }

  func restore(plan: InputPlan) throws {
    let files = try decodedFiles(plan.bytes.bytes)
    plans.withLock { $0.restore(files, at: plan.time) }
    if !plan.isIncludedInProgress { scan.withLock { $0.progress.noteTaken(files) } }
  }

  /// Tells of a folder that cannot be read: listeners with every batch, the log once until it changes.
  private func report(_ error: any Error, at time: Time) {
    let message = "\(error). The stream goes on and looks again with the next batch."
    note(message, at: time)
    let isNew = lastProblem.withLock { last in
      defer { last = message }
      return last != message
    }
    if isNew { context.sparkContext.logger.warning("\(site.name) at \(site.callSite): \(message)") }
  }

  /// Tells the log of files that will not be read, once.
  private func warn(of skipped: [SkippedFile]) {
    let lost = skipped.filter { $0.advice != nil }
    for (reason, files) in Dictionary(grouping: lost, by: \.reason) {
      guard let first = files.first, let advice = first.advice else { continue }
      let others = files.count > 1 ? ". So have \(files.count - 1) more." : "."
      context.sparkContext.logger.warning(
        "\(site.name) at \(site.callSite): the file '\(first.path)' \(reason)\(others) \(advice)")
    }
  }

  private func note(_ text: String, at time: Time) {
    let info = StreamInputInfo(inputStreamID: streamID, numRecords: 0, metadataDescription: text)
    described.withLock { $0.append((time, info)) }
  }

  func info(_ time: Time) -> StreamInputInfo? {
    described.withLock { described in
      let info = described.last { $0.time == time }?.info
      described.removeAll { $0.time <= time }
      return info
    }
  }

  func recordsRead(_ time: Time) -> Int? {
    counts.withLock { counts in
      let count = counts.last { $0.time == time }?.count
      counts.removeAll { $0.time <= time }
      return count?.total
    }
  }
}

/// The settings of file streams.
public enum FileStreamSetting {
  /// Milliseconds for which a file that was not moved in must have been left alone before it is read. Default: 200.
  public static let settleKey = "martlet.streaming.files.settle.ms"
  /// So many files at most are read for one batch, the oldest first; the others wait. Default: no limit. It is how file
  /// streams are kept from bringing more than batches can process: how many lines a file has is not known before it is
  /// read, so rates of records do not go for files.
  public static let maxFilesKey = "martlet.streaming.files.maxFilesPerBatch"
}

extension StreamingContext {
  /// The lines of the files that appear in a folder.
  ///
  /// A file is read once, when it is complete: at once if it was moved in (write it elsewhere on the same file system,
  /// or under a name that begins with `.`, and rename it), or when two looks found it unchanged and it has been left
  /// alone for a while; an empty one waits until something is in it. A file that takes the name of one that was read, or
  /// left out, is another file, and is read.
  ///
  /// What is appended to a file after it was read is not read: listeners are told, and the log, the first time that a
  /// file is found so. That may happen to files that are written where they are read. In a folder with more than 1,000
  /// files, those that were read are looked at in turn, so that this may be told some batches later. A change of its mode
  /// or owner looks like a move: such a file is read before it has been left alone, unless it is still open for writing,
  /// which only Linux tells, and only of files of the same user.
  ///
  /// Names that begin with `.` or `_` are left out. A folder that is missing or cannot be read makes empty batches until
  /// it can; listeners are told. A file that is gone when its turn comes fails the batch.
  ///
  /// - Parameters:
  ///   - directory: a folder, or a pattern for folders such as `logs/*`.
  ///   - newFilesOnly: whether files that are there when the context starts for the first time are left out.
  public func textFileStream(
    _ directory: String, newFilesOnly: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Text> {
    let site = OperatorSite("textFileStream", file, line)
    let sc = sparkContext
    return FileInput(directory, filter: { _ in true }, newFilesOnly: newFilesOnly, self, site) { files in
      sc.textFile(files, site)
    }
  }

  /// The records of the files that appear in a folder, each `recordLength` bytes long. Files are looked for as
  /// `textFileStream` does; one whose length is not a multiple of the record's fails the batch.
  public func binaryRecordsStream(
    _ directory: String, recordLength: Int, newFilesOnly: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<[UInt8]> {
    let site = OperatorSite("binaryRecordsStream", file, line)
    let sc = sparkContext
    if recordLength < 1 {
      graph.fail(
        MartletError(.invalidArgument, "\(site.name) at \(site.callSite): a record of \(recordLength) bytes cannot be.")
      )
    }
    return FileInput(directory, filter: { _ in true }, newFilesOnly: newFilesOnly, self, site) { files in
      sc.binaryRecords(files, recordLength: recordLength, site)
    }
  }

  /// What `read` makes of the files that appear in a folder, which are looked for as `textFileStream` does.
  ///
  /// - Parameters:
  ///   - filter: given the path of a file; false leaves it out.
  ///   - newFilesOnly: whether files that are there when the context starts for the first time are left out.
  ///   - read: given the context and the paths of a batch's files.
  public func fileStream<Element: Sendable>(
    _ directory: String, filter: @escaping @Sendable (String) -> Bool = { _ in true }, newFilesOnly: Bool = true,
    file: StaticString = #fileID, line: UInt = #line,
    read: @escaping @Sendable (MartletContext, [String]) throws -> RDD<Element>
  ) -> DStream<Element> {
    let sc = sparkContext
    return FileInput(
      directory, filter: filter, newFilesOnly: newFilesOnly, self, OperatorSite("fileStream", file, line)
    ) { files in try read(sc, files.map(\.path)) }
  }
}
