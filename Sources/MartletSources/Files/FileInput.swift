import Logging
public import MartletCore
public import MartletRDD
public import MartletStreaming
import Synchronization

/// A stream of the files that appear in a folder.
final class FileInput<Element: Sendable>: DStream<Element>, DescribedInput, FolderInput, RecoverableInput,
  @unchecked Sendable
{
  // Sendable: `streamID` is set only in `init`, before other threads have the stream.
  let folder: StreamFolder
  private let newFilesOnly: Bool
  private let settleTime: Duration
  private let read: @Sendable ([InputFile]) throws -> RDD<Element>
  let scan: Mutex<Scan>
  private let plans = Mutex(FilePlans())
  private let isRestored = Mutex(false)
  /// The look-ahead when the context began to stop gracefully, and its time.
  private let firstOfLast = Mutex<(look: LookAhead, at: MonotonicTime)?>(nil)
  private let described = Mutex<[(time: Time, info: StreamInputInfo)]>([])
  private let counts = Mutex<[(time: Time, count: ReadCount)]>([])
  private let lastProblems = Mutex<[String]>([])
  /// Files that have grown before a closure of the program read them.
  private let lastGrown = Mutex<Set<FilePath>>([])
  /// True if `read` reads the files as they were found; otherwise it only gets their paths.
  private let readsPlans: Bool
  private(set) var streamID = -1
  /// The RDD of batches without files.
  private let nothing: RDD<Element>

  struct Scan {
    var folders: FolderWatch
    var progress: FolderProgress
    /// The time of the last look at the folders; 0 if it failed.
    var lookedAt: Int64 = 0
    /// True if the context stops: the next batch is the last one, and takes all files.
    var isLast = false
  }

  init(
    _ folder: String, filter: @escaping @Sendable (String) -> Bool, newFilesOnly: Bool, _ context: StreamingContext,
    _ site: OperatorSite, readsPlans: Bool = true, read: @escaping @Sendable ([InputFile]) throws -> RDD<Element>
  ) {
    var path = folder
    do {
      guard !path.isEmpty else { throw site.refuses("the name of the folder is empty. Pass the path of a folder.") }
      path = try site.localPath(path)
    } catch { context.graph.fail(error) }
    let folder = StreamFolder(path)
    self.folder = folder
    self.newFilesOnly = newFilesOnly
    nothing = EmptyRDD(context.sparkContext, site)
    self.read = read
    self.readsPlans = readsPlans
    var settle = 200
    var maximum = Int.max
    do {
      settle = min(try context.sparkContext.conf.integer(FileStreamSetting.settleKey, default: 200), 1_000_000_000)
      maximum = try context.sparkContext.conf.integer(FileStreamSetting.maxFilesKey, default: .max)
    } catch { context.graph.fail(error) }
    settleTime = .milliseconds(settle)
    scan = Mutex(
      Scan(
        folders: FolderWatch(folder.path, filter: filter),
        progress: FolderProgress(settleTime: Int64(settle) * 1_000_000, maximumFiles: maximum)))
    super.init(context: context, site: site)
    streamID = context.graph.add(self)
  }

  func start() {
    let isFirst = !isRestored.withLock { $0 }
    scan.withLock { scan in
      scan.folders.watchArrivals()
      let now = fileClock()
      guard newFilesOnly, isFirst, let present = try? scan.folders.look(scan.progress) else { return }
      scan.progress.ignore(present.files, now: now)
    }
  }

  func stop() {}

  var folderPath: String { folder.path }

  func reads(_ other: String) -> Bool { folder.reads(other) }

  func stopWatching() {
    // A look that is still running, at a disk that hangs, watches until the stream is released.
    _ = scan.withLockIfAvailable { $0.folders.endArrivals() }
  }

  /// Takes the first of two looks. Later requests are for the last batch.
  func prepareLast() {
    // A checkpoint stores files that exceed the limit of a batch.
    let isKept = context.checkpointDirectory != nil
    scan.withLock { scan in
      scan.isLast = true
      if !isKept { scan.progress.takeAll() }
    }
    let look = lookAhead(noting: true)
    firstOfLast.withLock { $0 = (look, MonotonicTime.now) }
  }

  /// Waits for files that are written in place, for the settle time.
  var hasMore: Bool {
    guard let first = firstOfLast.withLock({ $0 }) else { return false }
    return waitForLastFiles(settleTime: settleTime, first.look, at: first.at)
  }

  override func compute(_ time: Time) throws -> RDD<Element>? {
    if let files = plans.withLock({ $0.planned(at: time) }) { return try readAgain(files, at: time) }
    let found: Found
    do { found = try newFiles(at: time) } catch {
      note(told(["\(error)"]), at: time)
      return nothing
    }
    let take = found.take
    note(
      told(found.problems) + take.map(\.path.text) + found.skipped.map { "skipped: \($0.path): \($0.reason)" },
      at: time)
    warn(of: found.skipped)
    return take.isEmpty ? nothing : try records(take, at: time).rdd
  }

  private struct Found {
    /// The files for the batch.
    var take: [SeenFile]
    /// Files to report.
    var skipped: [SkippedFile]
    /// Folders that cannot be read.
    var problems: [String]
  }

  private func newFiles(at time: Time) throws -> Found {
    let isLate = time < context.clock.now.floor(context.batchInterval, zeroTime ?? time)
    // In one step, so that no `progress()` includes a file as read while its plan is unknown.
    return try scan.withLock { scan in
      let now = fileClock()
      let isFollowed = isLate && !scan.isLast
      let look: FolderLook
      if isFollowed && (0..<context.batchInterval.nanoseconds).contains(now - scan.lookedAt) {
        // One of several missed batches: the arrivals in the meantime are known.
        look = try scan.folders.look(at: scan.progress.takePostponed(through: time.nanoseconds))
      } else {
        scan.lookedAt = 0
        look = try scan.folders.look(scan.progress)
        scan.lookedAt = now
      }
      let next = scan.progress.next(
        look, now: now, through: isFollowed ? time.nanoseconds : nil, isBeingWritten: isBeingWritten)
      plans.withLock { plans in
        plans.note(next.take, at: time)
        plans.forget(through: time - rememberDuration - slideDuration)
      }
      return Found(take: next.take, skipped: next.skipped, problems: look.problems)
    }
  }

  /// The records of the batch at `time` before a restart.
  private func readAgain(_ planned: [SeenFile], at time: Time) throws -> RDD<Element> {
    let files = try planned.filter { file in
      guard let problem = try file.facts.problem(at: file.path.text) else { return true }
      try leaveOut(file, "\(problem.rawValue) after it was read for", time)
      return false
    }
    if files.isEmpty { return nothing }
    let (rdd, readOtherwise) = try records(files, at: time)
    var grown: Set<FilePath> = []
    for file in readOtherwise where try FileFacts.ofFile(at: file.path)?.size != file.size {
      try leaveOut(
        SeenFile(path: FilePath(file.path), facts: file.planned ?? FileFacts(size: 0, modified: 0)),
        """
        has grown, and the closure of \(site.name) reads it itself, including new records. Use textFile, \
        wholeTextFiles or binaryRecords there, which exclude them. The file was read for
        """, time)
      grown.insert(FilePath(file.path))
    }
    let left = files.filter { !grown.contains($0.path) }
    if left.isEmpty { return nothing }
    note(left.map(\.path.text), at: time)
    return grown.isEmpty ? rdd : try records(left, at: time).rdd
  }

  /// Continues without a file of a batch before a restart, or throws.
  private func leaveOut(_ file: SeenFile, _ problem: String, _ time: Time) throws {
    let message = """
      \(site.name) at \(site.callSite): the file '\(file.path)' \(problem) the batch of \(time.localDescription), which \
      must be computed again after a restart.
      """
    guard plans.withLock({ $0.leavesOutMissing }) else {
      throw MartletError(
        .inputOutput,
        "\(message) Restore it, or skip it with CheckpointOptions(leavingOutMissingFiles: true).")
    }
    context.sparkContext.logger.warning("\(message) Its records are skipped.")
  }

  /// The records of `files`, which are counted as the batch reads them; and the files for which it is unknown how they
  /// are read.
  private func records(_ files: [SeenFile], at time: Time) throws -> (rdd: RDD<Element>, readOtherwise: [InputFile]) {
    let count = ReadCount()
    let inputs = files.map { InputFile(path: $0.path.text, size: $0.size, planned: $0.facts) }
    let planned = PlannedFiles(inputs)
    let rdd = try PlannedFiles.$current.withValue(planned) { try read(inputs) }
    counts.withLock { $0.append((time, count)) }
    let others = readsPlans ? [] : planned.readOtherwise
    guard !others.isEmpty else { return (rdd.counted(by: count, site), []) }
    return (rdd.counted(by: count, site) { [weak self] in try self?.expectUnchanged(others) }, others)
  }

  /// Throws if one of the files has changed since it was found; a file that has grown is reported.
  private func expectUnchanged(_ files: [InputFile]) throws {
    for file in files {
      guard let planned = file.planned else { continue }
      let found = try FileFacts.ofFile(at: file.path)
      switch found?.relation(to: planned, hasSameName: true) {
      case .same, .copy: continue
      case .grown where lastGrown.withLock({ $0.insert(FilePath(file.path)).inserted }):
        context.sparkContext.logger.warning(
          """
          \(site.name) at \(site.callSite): the file '\(file.path)' has grown after it was found, and the closure \
          may read the new records. If the batch runs again, it may get other records. Read the file with textFile, \
          wholeTextFiles or binaryRecords.
          """)
      case .grown: continue
      case .changed, .other, nil:
        let what = found == nil ? "has been removed" : "has been changed or replaced"
        throw MartletError(
          .inputOutput,
          """
          The file '\(file.path)' \(what) after it was found, and before its records were read. Do not change files \
          until their batch is done, and use a new name for each new file.
          """)
      }
    }
  }

  // MARK: Checkpoints

  var inputIdentity: String { "\(site.name)(\"\(folder.identity)\")" }

  var spelledIdentity: String { "\(site.name)(\"\(folder.path)\")" }

  func keepPlans(_ log: InputLog) { plans.withLock { $0.keep(log) } }

  func takePlans() -> [InputPlan] {
    plans.withLock { $0.takeAll() }.map { time, files in
      InputPlan(time: time, records: files.count, bytes: folder.list(files).encoded())
    }
  }

  func progress() -> ByteBuffer {
    let settled = scan.withLock { scan in scan.progress.settled(without: plans.withLock { $0.untakenFiles }) }
    return folder.list(settled.files, departed: settled.departed).encoded()
  }

  func restore(progress bytes: UnsafeRawBufferPointer) throws {
    let list = try FileList(bytes)
    scan.withLock { $0.progress.restore(folder.files(list.files), departed: folder.files(list.departed)) }
    isRestored.withLock { $0 = true }
  }

  func restore(plan: InputPlan) throws {
    let files = folder.files(try FileList(plan.bytes.bytes).files)
    plans.withLock { $0.restore(files, at: plan.time) }
    if !plan.isIncludedInProgress { scan.withLock { $0.progress.noteTaken(files) } }
  }

  func refuseWhatCannotStart(isKept: Bool) throws {
    guard isKept, let checkpoint = context.checkpointDirectory, folder.reads(checkpoint) else { return }
    throw MartletError(
      .invalidConfiguration,
      """
      \(site.name) at \(site.callSite): the checkpoint '\(checkpoint)' is in the input folder '\(folder.path)', so \
      its files would be read as data. Move the checkpoint elsewhere.
      """)
  }

  /// The messages for listeners about folders that cannot be read, with every batch. They are logged once, until they
  /// change.
  private func told(_ problems: [String]) -> [String] {
    let isNew = lastProblems.withLock { last in
      defer { last = problems }
      return last != problems
    }
    return problems.map { problem in
      let message = "\(problem). The stream continues, and looks again with the next batch."
      if isNew { context.sparkContext.logger.warning("\(site.name) at \(site.callSite): \(message)") }
      return message
    }
  }

  /// Logs files that will not be read, once.
  private func warn(of skipped: [SkippedFile]) {
    let lost = skipped.filter { $0.advice != nil }
    for (reason, files) in Dictionary(grouping: lost, by: \.reason) {
      guard let first = files.first, let advice = first.advice else { continue }
      let others = files.count > 1 ? ". The same applies to \(files.count - 1) more." : "."
      context.sparkContext.logger.warning(
        "\(site.name) at \(site.callSite): the file '\(first.path)' \(reason)\(others) \(advice)")
    }
  }

  private func note(_ lines: [String], at time: Time) {
    if lines.isEmpty { return }
    let info = StreamInputInfo(
      inputStreamID: streamID, numRecords: 0, metadataDescription: lines.joined(separator: "\n"))
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
  /// The time in milliseconds that a file that was not moved in must stay unchanged before it is read. Default: 200.
  public static let settleKey = "martlet.streaming.files.settle.ms"
  /// The maximum number of files that are read for one batch, oldest first; the others wait. Default: no limit. This
  /// limits file streams to what batches can process: the number of lines of a file is not known before it is read, so
  /// rate limits for records do not apply to files. The last batch of a graceful stop takes all files that wait, unless
  /// a checkpoint stores them for the next start.
  public static let maxFilesKey = "martlet.streaming.files.maxFilesPerBatch"
}

extension StreamingContext {
  /// The lines of the files that appear in a folder.
  ///
  /// A file is read once, when it is complete: in the next batch if it was moved in (write it elsewhere on the same
  /// file system, or under a name that begins with `.`, and rename it), or once it has been unchanged for a while and
  /// no writer is detected. An empty file waits until it has content.
  ///
  /// A file that was read, or skipped, stays the same file when it is renamed within the folder, as by log rotation,
  /// and when it is restored from a copy with its name, size and modification time; the log reports such copies. Any
  /// other file that takes its name is read.
  ///
  /// A batch reads a file up to its size when it was found, also if it runs again after a restart. Data appended later
  /// is not read: listeners and the log are notified the first time that this is detected. It may happen to files that
  /// are written in place. In a folder with more than 1,000 files, those that were read are checked in turn, so this
  /// may be detected some batches later. A change of a file's mode or owner looks like a move: such a file is read
  /// without waiting, unless it is still open for writing, which only Linux can tell, and only for files of the same
  /// user.
  ///
  /// A file that is missing, changed or replaced when it is read fails the batch. A file that is overwritten in place,
  /// and becomes longer, looks like one that is appended to: give new files new names.
  ///
  /// After a restart, each missed batch gets the files that were modified by its time, as in Spark. Files are never
  /// ignored because of their age.
  ///
  /// Names that begin with `.` or `_` are ignored. A folder that is missing or cannot be read, and a pattern that
  /// matches no folder, make empty batches until that changes; the other folders of a pattern are read meanwhile.
  /// Listeners are notified, and the problem is logged once. A file with another compression than gzip (`.bz2`, `.zip`
  /// …) fails the batch.
  ///
  /// A checkpoint identifies the stream by the absolute path of the folder, however the program spells it. In another
  /// working directory, a relative path is another folder: the stream continues as if the folder had been moved there
  /// with its files.
  ///
  /// - Parameters:
  ///   - directory: a folder, or a pattern for folders such as `logs/*`, whose files are read. A pattern for files,
  ///     such as `logs/*.txt`, matches no folder: select files with the filter of `fileStream`. An existing folder
  ///     whose name looks like a pattern takes precedence. A URI that begins with `file:` is read as its path.
  ///   - newFilesOnly: true if files that exist when the context starts for the first time are ignored.
  public func textFileStream(
    _ directory: String, newFilesOnly: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Text> {
    let site = OperatorSite("textFileStream", file, line)
    let sc = sparkContext
    return FileInput(directory, filter: { _ in true }, newFilesOnly: newFilesOnly, self, site) { files in
      sc.textFile(files, site)
    }
  }

  /// The records of the files that appear in a folder, each `recordLength` bytes long. Files are found as by
  /// `textFileStream`; a file with a length that is not a multiple of the record's fails the batch.
  public func binaryRecordsStream(
    _ directory: String, recordLength: Int, newFilesOnly: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<[UInt8]> {
    let site = OperatorSite("binaryRecordsStream", file, line)
    let sc = sparkContext
    if recordLength < 1 {
      graph.fail(
        MartletError(
          .invalidArgument,
          "\(site.name) at \(site.callSite): the record length is \(recordLength); it must be at least 1.")
      )
    }
    return FileInput(directory, filter: { _ in true }, newFilesOnly: newFilesOnly, self, site) { files in
      sc.binaryRecords(files, recordLength: recordLength, site)
    }
  }

  /// The RDDs that `read` returns for the files that appear in a folder. Files are found as by `textFileStream`.
  ///
  /// ```swift
  /// let lines = ssc.fileStream("logs", filter: { $0.hasSuffix(".txt") }) { sc, paths in sc.textFile(paths) }
  /// ```
  /// - Parameters:
  ///   - filter: takes the path of a file, and returns `false` to ignore it.
  ///   - newFilesOnly: true if files that exist when the context starts for the first time are ignored.
  ///   - read: takes the context and the paths of a batch's files. Pass the paths on unchanged, as an array: in a
  ///     comma-separated list, a name with a comma would be two. `textFile`, `wholeTextFiles`, `binaryFiles`,
  ///     `binaryRecords` and `objectFile` in the closure read the files as they were found, as `textFileStream` does.
  ///     If the closure reads a path in another way, it reads the present content: a file that has grown is logged, and
  ///     fails a batch that runs again after a restart.
  public func fileStream<Element: Sendable>(
    _ directory: String, filter: @escaping @Sendable (String) -> Bool = { _ in true }, newFilesOnly: Bool = true,
    file: StaticString = #fileID, line: UInt = #line,
    read: @escaping @Sendable (MartletContext, [String]) throws -> RDD<Element>
  ) -> DStream<Element> {
    let sc = sparkContext
    return FileInput(
      directory, filter: filter, newFilesOnly: newFilesOnly, self, OperatorSite("fileStream", file, line),
      readsPlans: false
    ) { files in try read(sc, files.map(\.path)) }
  }
}
