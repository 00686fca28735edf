// Written by `npm run generate` from the OpenAPI document of the API: do not edit.

export interface components {
    schemas: {
        /** @description A branch of a codebase, and its newest commit. What ``field=`` leaves of it, with what ``expand=`` adds. */
        BranchPart: {
            branchid?: number;
            codebaseid?: number;
            /** @description As the version control calls it, such as ``refs/heads/main``. */
            name?: string;
            commitid?: number | null;
            /** @description When it was last looked at. Seconds since the epoch. */
            last_timestamp?: number;
            /** @description Sent only with ``expand=commit``. */
            commit?: components["schemas"]["CommitPart"] | null;
        };
        /** @description A branch of a codebase, and its newest commit. As sent without ``field=``. */
        Branch: WithRequired<components["schemas"]["BranchPart"], "branchid" | "codebaseid" | "name" | "commitid" | "last_timestamp">;
        /** @description One execution of a builder on a worker. What ``field=`` leaves of it, with what ``expand=`` adds. */
        BuildPart: {
            /** @description Unique across builders. */
            buildid?: number;
            /** @description Counts the builder's builds, from 1. There may be gaps. */
            number?: number;
            builderid?: number;
            /** @description What asked for it; several builds share a request after a retry. */
            buildrequestid?: number;
            workerid?: number | null;
            masterid?: number;
            /** @description Seconds since the epoch. */
            started_at?: number;
            complete?: boolean;
            /** @description Seconds since the epoch. */
            complete_at?: number | null;
            /** @description Seconds spent waiting for locks that it has meanwhile got. */
            locks_duration_s?: number;
            /** @description A result code; null while it runs. */
            results?: number | null;
            /** @description What it does, or how it went, in words. */
            state_string?: string;
            /** @description Those that ``property=`` names; ``*`` is all. */
            properties?: {
                [key: string]: [
                    unknown,
                    string | null
                ];
            };
            /** @description When it will be complete: its start and the mean duration of the builder's last 5 builds that ended with success or warnings. Null once it is complete, or without such builds. Seconds since the epoch. Sent only when named in ``field=``. */
            eta?: number | null;
            /** @description What its source stamps name; null: the default branch. Sent only when named in ``field=``. */
            branches?: (string | null)[];
            /** @description The property of this name, as JSON text: a revision, or an object with one for each codebase. Sent only when named in ``field=``. */
            got_revision?: string | null;
            /** @description Sent only with ``expand=builder``. */
            builder?: components["schemas"]["BuilderPart"] | null;
            /** @description Sent only with ``expand=master``. */
            master?: components["schemas"]["MasterPart"] | null;
            /** @description Sent only with ``expand=worker``. */
            worker?: components["schemas"]["WorkerPart"] | null;
            /** @description Sent only with ``expand=buildrequest``. */
            buildrequest?: components["schemas"]["BuildRequestPart"] | null;
            /** @description Sent only with ``expand=buildset``. */
            buildset?: components["schemas"]["BuildsetPart"] | null;
            /** @description What it was asked to build, one of each codebase. Sent only with ``expand=sourcestamps``. */
            sourcestamps?: components["schemas"]["SourceStampPart"][];
            /** @description Sent only with ``expand=steps``. */
            steps?: components["schemas"]["StepPart"][];
            /** @description The first step that runs. Sent only with ``expand=current_step``. */
            current_step?: components["schemas"]["StepPart"] | null;
            /** @description Those of all its steps. Sent only with ``expand=logs``. */
            logs?: components["schemas"]["LogPart"][];
            /** @description Those that the builder's last successful build of the same repositories, branches and codebases did not hold; newest first. Of each codebase at most 1000, and that build is looked for among the last 500 successful ones. Sent only with ``expand=changes``. */
            changes?: components["schemas"]["ChangePart"][];
            /** @description Sent only with ``expand=data``. */
            data?: components["schemas"]["BuildDataPart"][];
            /** @description Sent only with ``expand=property_list``. */
            property_list?: components["schemas"]["PropertyPart"][];
            /** @description Sent only with ``expand=test_result_sets``. */
            test_result_sets?: components["schemas"]["TestResultSetPart"][];
            /** @description Those of all its sets. Sent only with ``expand=test_results``. */
            test_results?: components["schemas"]["TestResultPart"][];
            /** @description The same builder's, with the next lower number. Sent only with ``expand=previous_build``. */
            previous_build?: components["schemas"]["BuildPart"] | null;
            /** @description Those that it asked for, and that have started. Sent only with ``expand=triggered_builds``. */
            triggered_builds?: components["schemas"]["BuildPart"][];
            /** @description The one that asked for it. Sent only with ``expand=triggering_build``. */
            triggering_build?: components["schemas"]["BuildPart"] | null;
        };
        /** @description One execution of a builder on a worker. As sent without ``field=``. */
        Build: WithRequired<components["schemas"]["BuildPart"], "buildid" | "number" | "builderid" | "buildrequestid" | "workerid" | "masterid" | "started_at" | "complete" | "complete_at" | "locks_duration_s" | "results" | "state_string" | "properties">;
        /** @description Bytes that a step kept with its build. What ``field=`` leaves of it, with what ``expand=`` adds. */
        BuildDataPart: {
            dataid?: number;
            buildid?: number;
            name?: string;
            /** @description In bytes. */
            length?: number;
            /** @description Always null; ``…/value`` has the bytes. */
            value?: string | null;
            source?: string;
            /** @description Sent only with ``expand=build``. */
            build?: components["schemas"]["BuildPart"] | null;
        };
        /** @description Bytes that a step kept with its build. As sent without ``field=``. */
        BuildData: WithRequired<components["schemas"]["BuildDataPart"], "dataid" | "buildid" | "name" | "length" | "value" | "source">;
        /** @description The wish for one build of one builder; part of a buildset. What ``field=`` leaves of it, with what ``expand=`` adds. */
        BuildRequestPart: {
            buildrequestid?: number;
            buildsetid?: number;
            builderid?: number;
            /** @description A higher one goes first. */
            priority?: number;
            /** @description Some master has taken it; stays true once it is complete. */
            claimed?: boolean;
            /** @description Seconds since the epoch. */
            claimed_at?: number | null;
            claimed_by_masterid?: number | null;
            complete?: boolean;
            /** @description A result code; -1 until it is complete. */
            results?: number | null;
            /** @description It was cancelled while it waited: nothing was built. */
            cancelled?: boolean;
            /** @description Seconds since the epoch. */
            submitted_at?: number;
            /** @description Seconds since the epoch. */
            complete_at?: number | null;
            /** @description A build waits for it. */
            waited_for?: boolean;
            /** @description The buildset's that ``property=`` names; ``*`` is all; null unless asked for. */
            properties?: {
                [key: string]: [
                    unknown,
                    string | null
                ];
            } | null;
            /** @description Its place in the builder's queue, from 1; null when it does not wait. Sent only when named in ``field=``. */
            position?: number | null;
            /** @description More than one after a retry. Sent only with ``expand=builds``. */
            builds?: components["schemas"]["BuildPart"][];
            /** @description Sent only with ``expand=builder``. */
            builder?: components["schemas"]["BuilderPart"] | null;
            /** @description Sent only with ``expand=buildset``. */
            buildset?: components["schemas"]["BuildsetPart"] | null;
            /** @description Those of its buildset, one for each codebase. Sent only with ``expand=sourcestamps``. */
            sourcestamps?: components["schemas"]["SourceStampPart"][];
        };
        /** @description The wish for one build of one builder; part of a buildset. As sent without ``field=``. */
        BuildRequest: WithRequired<components["schemas"]["BuildRequestPart"], "buildrequestid" | "buildsetid" | "builderid" | "priority" | "claimed" | "claimed_at" | "claimed_by_masterid" | "complete" | "results" | "cancelled" | "submitted_at" | "complete_at" | "waited_for" | "properties">;
        /** @description What builds one thing in one way; its builds are numbered from 1. What ``field=`` leaves of it, with what ``expand=`` adds. */
        BuilderPart: {
            builderid?: number;
            name?: string;
            /** @description The masters that run it now; empty: none does. */
            masterids?: number[];
            description?: string | null;
            /** @description ``markdown``, or null for plain text. */
            description_format?: string | null;
            description_html?: string | null;
            projectid?: number | null;
            tags?: string[];
            /** @description ``building``, ``idle``, or ``offline``: no worker is connected that may build it. Sent only when named in ``field=``. */
            state?: string;
            /** @description Sent only with ``expand=builds``. */
            builds?: components["schemas"]["BuildPart"][];
            /** @description The one with the highest number. Sent only with ``expand=latest_build``. */
            latest_build?: components["schemas"]["BuildPart"] | null;
            /** @description The complete one with the highest number. Sent only with ``expand=last_finished_build``. */
            last_finished_build?: components["schemas"]["BuildPart"] | null;
            /** @description The last that ended with success or warnings. Sent only with ``expand=last_good_build``. */
            last_good_build?: components["schemas"]["BuildPart"] | null;
            /** @description The first that ended with failure or exception after the last good one; null if none did. Sent only with ``expand=first_failed_build``. */
            first_failed_build?: components["schemas"]["BuildPart"] | null;
            /** @description Those that run now. Sent only with ``expand=current_builds``. */
            current_builds?: components["schemas"]["BuildPart"][];
            /** @description Sent only with ``expand=buildrequests``. */
            buildrequests?: components["schemas"]["BuildRequestPart"][];
            /** @description Those that no build has been started for, in the order in which they will be. Sent only with ``expand=waiting_buildrequests``. */
            waiting_buildrequests?: components["schemas"]["BuildRequestPart"][];
            /** @description Those that run it now. Sent only with ``expand=masters``. */
            masters?: components["schemas"]["MasterPart"][];
            /** @description Those that may build for it. Sent only with ``expand=workers``. */
            workers?: components["schemas"]["WorkerPart"][];
            /** @description Sent only with ``expand=forceschedulers``. */
            forceschedulers?: components["schemas"]["ForceSchedulerPart"][];
            /** @description Sent only with ``expand=test_result_sets``. */
            test_result_sets?: components["schemas"]["TestResultSetPart"][];
            /** @description All that it ever had results of. Sent only with ``expand=tests``. */
            tests?: components["schemas"]["TestPart"][];
        };
        /** @description What builds one thing in one way; its builds are numbered from 1. As sent without ``field=``. */
        Builder: WithRequired<components["schemas"]["BuilderPart"], "builderid" | "name" | "masterids" | "description" | "description_format" | "description_html" | "projectid" | "tags">;
        /** @description A wish for builds of several builders, of the same sources. What ``field=`` leaves of it, with what ``expand=`` adds. */
        BuildsetPart: {
            bsid?: number;
            /** @description What a try client calls it. */
            external_idstring?: string | null;
            reason?: string | null;
            /** @description The build that was first rebuilt, for a rebuild. */
            rebuilt_buildid?: number | null;
            /** @description Seconds since the epoch. */
            submitted_at?: number;
            complete?: boolean;
            /** @description Seconds since the epoch. */
            complete_at?: number | null;
            /** @description A result code; -1 until it is complete. */
            results?: number | null;
            sourcestamps?: components["schemas"]["SourceStampPart"][];
            /** @description The build that triggered it. */
            parent_buildid?: number | null;
            parent_relationship?: string | null;
            /** @description Sent only with ``expand=buildrequests``. */
            buildrequests?: components["schemas"]["BuildRequestPart"][];
            /** @description Sent only with ``expand=builds``. */
            builds?: components["schemas"]["BuildPart"][];
            /** @description Sent only with ``expand=parent_build``. */
            parent_build?: components["schemas"]["BuildPart"] | null;
            /** @description Sent only with ``expand=rebuilt_build``. */
            rebuilt_build?: components["schemas"]["BuildPart"] | null;
            /** @description Sent only with ``expand=properties_list``. */
            properties_list?: components["schemas"]["PropertyPart"][];
            /** @description Those that it asks for builds. Sent only with ``expand=builders``. */
            builders?: components["schemas"]["BuilderPart"][];
            /** @description Those of its source stamps; newest first. Sent only with ``expand=changes``. */
            changes?: components["schemas"]["ChangePart"][];
        };
        /** @description A wish for builds of several builders, of the same sources. As sent without ``field=``. */
        Buildset: WithRequired<components["schemas"]["BuildsetPart"], "bsid" | "external_idstring" | "reason" | "rebuilt_buildid" | "submitted_at" | "complete" | "complete_at" | "results" | "sourcestamps" | "parent_buildid" | "parent_relationship">;
        /** @description A commit, as a change source reported it. What ``field=`` leaves of it, with what ``expand=`` adds. */
        ChangePart: {
            changeid?: number;
            /** @description One, or none. */
            parent_changeids?: number[];
            author?: string;
            committer?: string | null;
            files?: string[];
            comments?: string;
            revision?: string | null;
            /** @description The commit's own time, which may be any. Seconds since the epoch. */
            when_timestamp?: number;
            branch?: string | null;
            category?: string | null;
            /** @description Where it can be looked at. */
            revlink?: string | null;
            properties?: {
                [key: string]: [
                    unknown,
                    string | null
                ];
            };
            repository?: string;
            project?: string;
            codebase?: string;
            /** @description Null if it is there no more. */
            sourcestamp?: components["schemas"]["SourceStampPart"] | null;
            /** @description Those of its source stamp. Sent only with ``expand=builds``. */
            builds?: components["schemas"]["BuildPart"][];
            /** @description Sent only with ``expand=properties_list``. */
            properties_list?: components["schemas"]["PropertyPart"][];
        };
        /** @description A commit, as a change source reported it. As sent without ``field=``. */
        Change: WithRequired<components["schemas"]["ChangePart"], "changeid" | "parent_changeids" | "author" | "committer" | "files" | "comments" | "revision" | "when_timestamp" | "branch" | "category" | "revlink" | "properties" | "repository" | "project" | "codebase" | "sourcestamp">;
        /** @description What reports changes; one master at a time runs it. What ``field=`` leaves of it, with what ``expand=`` adds. */
        ChangeSourcePart: {
            changesourceid?: number;
            name?: string;
            /** @description The one that runs it. */
            master?: components["schemas"]["MasterPart"] | null;
        };
        /** @description What reports changes; one master at a time runs it. As sent without ``field=``. */
        ChangeSource: WithRequired<components["schemas"]["ChangeSourcePart"], "changesourceid" | "name" | "master">;
        /** @description A source tree of a project, of which commits are known. What ``field=`` leaves of it, with what ``expand=`` adds. */
        CodebasePart: {
            codebaseid?: number;
            projectid?: number;
            name?: string;
            slug?: string;
            /** @description Sent only with ``expand=branches``. */
            branches?: components["schemas"]["BranchPart"][];
            /** @description Sent only with ``expand=commits``. */
            commits?: components["schemas"]["CommitPart"][];
            /** @description Sent only with ``expand=commits_by_revision``. */
            commits_by_revision?: components["schemas"]["CommitPart"][];
        };
        /** @description A source tree of a project, of which commits are known. As sent without ``field=``. */
        Codebase: WithRequired<components["schemas"]["CodebasePart"], "codebaseid" | "projectid" | "name" | "slug">;
        /** @description A commit of a codebase. What ``field=`` leaves of it, with what ``expand=`` adds. */
        CommitPart: {
            commitid?: number;
            codebaseid?: number;
            author?: string;
            committer?: string | null;
            comments?: string;
            /** @description Seconds since the epoch. */
            when_timestamp?: number;
            revision?: string;
            parent_commitid?: number | null;
            /** @description Sent only with ``expand=parent_commit``. */
            parent_commit?: components["schemas"]["CommitPart"] | null;
        };
        /** @description A commit of a codebase. As sent without ``field=``. */
        Commit: WithRequired<components["schemas"]["CommitPart"], "commitid" | "codebaseid" | "author" | "committer" | "comments" | "when_timestamp" | "revision" | "parent_commitid">;
        /** @description How two commits are related: ways from a common ancestor to each, both ends included, oldest first. What ``field=`` leaves of it, with what ``expand=`` adds. */
        CommitGraphPart: {
            /** @description The commitid of the common ancestor. */
            common?: number;
            to1?: number[];
            to2?: number[];
        };
        /** @description How two commits are related: ways from a common ancestor to each, both ends included, oldest first. As sent without ``field=``. */
        CommitGraph: WithRequired<components["schemas"]["CommitGraphPart"], "common" | "to1" | "to2">;
        /** @description Who follows the log of events by name and is not to miss anything: a listener. Its rows are not in Buildbot's database unless this program writes that, so it takes no part in a batch with other types, and nothing is announced of it. What ``field=`` leaves of it, with what ``expand=`` adds. */
        ConsumerPart: {
            consumerid?: number;
            /** @description The listener's. */
            name?: string;
            /** @description Everything up to it was handled, or is a delivery that waits or is parked. */
            cursor?: string;
            /** @description How many events of the log it has still to look at, those included that are not for it; at most some seconds old. Null: no process runs it. */
            lag?: number | null;
            /** @description When the oldest of them happened, about; null: there are none. Seconds since the epoch. */
            behind_since?: number | null;
            /** @description It is told nothing until it is resumed. */
            paused?: boolean;
            /** @description A process runs it, or has ended without a word. */
            running?: boolean;
            /** @description Deliveries that wait for a next attempt, or for one before them. */
            waiting?: number;
            /** @description Deliveries that were given up. */
            parked?: number;
            /** @description How far a replay has come; null: there is none. */
            replay_cursor?: string | null;
            /** @description Where it ends. */
            replay_until?: string | null;
            /** @description How often what came next for it was not kept any more, so that it was not told. */
            gaps?: number;
            /** @description When that was found out last; null: it never was. Seconds since the epoch. */
            missed_at?: number | null;
            /** @description Then it was here, */
            missed_since?: string | null;
            /** @description and has gone on here, with the oldest that was kept. */
            missed_until?: string | null;
            /** @description When the cursor moved last. Seconds since the epoch. */
            updated_at?: number;
            /** @description Those that wait or are parked. Sent only with ``expand=deliveries``. */
            deliveries?: components["schemas"]["DeliveryPart"][];
        };
        /** @description Who follows the log of events by name and is not to miss anything: a listener. Its rows are not in Buildbot's database unless this program writes that, so it takes no part in a batch with other types, and nothing is announced of it. As sent without ``field=``. */
        Consumer: WithRequired<components["schemas"]["ConsumerPart"], "consumerid" | "name" | "cursor" | "lag" | "behind_since" | "paused" | "running" | "waiting" | "parked" | "replay_cursor" | "replay_until" | "gaps" | "missed_at" | "missed_since" | "missed_until" | "updated_at">;
        /** @description What a listener could not handle yet, or at all: one method's call for one event. What it has handled is no delivery any more. Its rows are where those of consumers are. What ``field=`` leaves of it, with what ``expand=`` adds. */
        DeliveryPart: {
            deliveryid?: number;
            /** @description ``consumers/{consumerid}`` is whose it is. */
            consumerid?: number;
            /** @description The consumer's name. */
            consumer?: string | null;
            /** @description The place after the event. It is the same at each attempt. */
            cursor?: string;
            /** @description The listener's method. */
            method?: string;
            /** @description Deliveries of one key are handled one after the other. */
            key?: string;
            /** @description ``waiting``: for a next attempt, or for one before it; ``parked``: given up. */
            state?: string;
            /** @description How many have failed. */
            attempts?: number;
            /** @description When the last one did. Seconds since the epoch. */
            failed_at?: number | null;
            /** @description With what. */
            error?: string | null;
            /** @description What happened to what: ``builds/7/finished``. */
            topic?: string;
            /** @description What happened: ``finished``. */
            event?: string;
            /** @description Somebody asked for it once more. */
            is_replay?: boolean;
            /** @description The thing after the event. */
            record?: {
                [key: string]: unknown;
            };
        };
        /** @description What a listener could not handle yet, or at all: one method's call for one event. What it has handled is no delivery any more. Its rows are where those of consumers are. As sent without ``field=``. */
        Delivery: WithRequired<components["schemas"]["DeliveryPart"], "deliveryid" | "consumerid" | "consumer" | "cursor" | "method" | "key" | "state" | "attempts" | "failed_at" | "error" | "topic" | "event" | "is_replay" | "record">;
        /** @description A form with which a person asks for builds. It lives in the memory of the master that runs it: beside a stock master, over its database, there are none. What ``field=`` leaves of it, with what ``expand=`` adds. */
        ForceSchedulerPart: {
            name?: string;
            button_name?: string;
            label?: string;
            builder_names?: string[];
            enabled?: boolean;
            all_fields?: {
                [key: string]: unknown;
            }[];
        };
        /** @description A form with which a person asks for builds. It lives in the memory of the master that runs it: beside a stock master, over its database, there are none. As sent without ``field=``. */
        ForceScheduler: WithRequired<components["schemas"]["ForceSchedulerPart"], "name" | "button_name" | "label" | "builder_names" | "enabled" | "all_fields">;
        /** @description What a step wrote; its lines are :class:`LogChunk`. What ``field=`` leaves of it, with what ``expand=`` adds. */
        LogPart: {
            logid?: number;
            name?: string;
            /** @description The name, fit for a path; unique within the step. */
            slug?: string;
            stepid?: number;
            /** @description Nothing more will be appended. */
            complete?: boolean;
            num_lines?: number;
            /** @description ``s``: output and errors, each line with a prefix ``o``, ``e`` or ``h``; ``t``: text; ``h``: HTML; ``d``: deleted. */
            type?: string;
            /** @description Sent only with ``expand=step``. */
            step?: components["schemas"]["StepPart"] | null;
        };
        /** @description What a step wrote; its lines are :class:`LogChunk`. As sent without ``field=``. */
        Log: WithRequired<components["schemas"]["LogPart"], "logid" | "name" | "slug" | "stepid" | "complete" | "num_lines" | "type">;
        /** @description Lines of a log. What ``field=`` leaves of it, with what ``expand=`` adds. */
        LogChunkPart: {
            logid?: number;
            /** @description The number of the first line; lines count from 0. */
            firstline?: number;
            /** @description The numbers of the lines that ``search=`` found; null without it. */
            lines?: number[] | null;
            /** @description The lines, each with its line end; of logs of type ``s`` with their prefix. */
            content?: string;
        };
        /** @description Lines of a log. As sent without ``field=``. */
        LogChunk: WithRequired<components["schemas"]["LogChunkPart"], "logid" | "firstline" | "lines" | "content">;
        /** @description A process that runs builds. Several may share a database. What ``field=`` leaves of it, with what ``expand=`` adds. */
        MasterPart: {
            masterid?: number;
            /** @description Host name and base directory, joined by a colon. */
            name?: string;
            /** @description Whether it runs; cleared 10 minutes after its last sign of life at the latest. */
            active?: boolean;
            /** @description Its last sign of life; renewed once a minute. Seconds since the epoch. */
            last_active?: number;
            /** @description Those that it runs now. Sent only with ``expand=builders``. */
            builders?: components["schemas"]["BuilderPart"][];
            /** @description Those that may build for one of its builders. Sent only with ``expand=workers``. */
            workers?: components["schemas"]["WorkerPart"][];
            /** @description Those that it runs now. Sent only with ``expand=schedulers``. */
            schedulers?: components["schemas"]["SchedulerPart"][];
            /** @description Those that it runs now. Sent only with ``expand=changesources``. */
            changesources?: components["schemas"]["ChangeSourcePart"][];
        };
        /** @description A process that runs builds. Several may share a database. As sent without ``field=``. */
        Master: WithRequired<components["schemas"]["MasterPart"], "masterid" | "name" | "active" | "last_active">;
        /** @description A difference that somebody wants built on top of a revision. What ``field=`` leaves of it, with what ``expand=`` adds. */
        PatchPart: {
            patchid?: number;
            /** @description Its text, read as UTF-8. */
            body?: string | null;
            /** @description How many directories to strip, as for ``patch -p``. */
            level?: number;
            subdir?: string | null;
            author?: string;
            comment?: string;
        };
        /** @description A difference that somebody wants built on top of a revision. As sent without ``field=``. */
        Patch: WithRequired<components["schemas"]["PatchPart"], "patchid" | "body" | "level" | "subdir" | "author" | "comment">;
        /** @description What several builders belong to, and the codebases that they build. What ``field=`` leaves of it, with what ``expand=`` adds. */
        ProjectPart: {
            projectid?: number;
            name?: string;
            slug?: string;
            /** @description Whether some master runs one of its builders. */
            active?: boolean;
            description?: string | null;
            /** @description ``markdown``, or null for plain text. */
            description_format?: string | null;
            description_html?: string | null;
            /** @description Sent only with ``expand=builders``. */
            builders?: components["schemas"]["BuilderPart"][];
            /** @description Sent only with ``expand=codebases``. */
            codebases?: components["schemas"]["CodebasePart"][];
        };
        /** @description What several builders belong to, and the codebases that they build. As sent without ``field=``. */
        Project: WithRequired<components["schemas"]["ProjectPart"], "projectid" | "name" | "slug" | "active" | "description" | "description_format" | "description_html">;
        /** @description One property, as a record of its own. What ``field=`` leaves of it, with what ``expand=`` adds. */
        PropertyPart: {
            name?: string;
            source?: string;
            /** @description JSON, as text. */
            value?: string;
        };
        /** @description One property, as a record of its own. As sent without ``field=``. */
        Property: WithRequired<components["schemas"]["PropertyPart"], "name" | "source" | "value">;
        /** @description The name of a list at the root. What ``field=`` leaves of it, with what ``expand=`` adds. */
        RootLinkPart: {
            name?: string;
        };
        /** @description The name of a list at the root. As sent without ``field=``. */
        RootLink: WithRequired<components["schemas"]["RootLinkPart"], "name">;
        /** @description What decides when to build; one master at a time runs it. What ``field=`` leaves of it, with what ``expand=`` adds. */
        SchedulerPart: {
            schedulerid?: number;
            name?: string;
            enabled?: boolean;
            /** @description The one that runs it. */
            master?: components["schemas"]["MasterPart"] | null;
            /** @description Those that it asked for, and that are not complete. Sent only with ``expand=pending_buildsets``. */
            pending_buildsets?: components["schemas"]["BuildsetPart"][];
            /** @description Those that wait for its timer, or for its next run. Sent only with ``expand=pending_changes``. */
            pending_changes?: components["schemas"]["ChangePart"][];
        };
        /** @description What decides when to build; one master at a time runs it. As sent without ``field=``. */
        Scheduler: WithRequired<components["schemas"]["SchedulerPart"], "schedulerid" | "name" | "enabled" | "master">;
        /** @description What an installation calls itself, from the configuration of the server that is asked; and what that is. What ``field=`` leaves of it, with what ``expand=`` adds. */
        SitePart: {
            title?: string;
            /** @description Where the title leads (``titleURL``). */
            title_url?: string | null;
            /** @description Where browsers find it (``buildbotURL``); ends with a slash. */
            buildbot_url?: string | null;
            /** @description Where a stock Buildbot's own pages are, on which one may do what cannot be done here (``www['stock_url']``); ends with a slash. */
            stock_url?: string | null;
            /** @description Of the server that is asked. */
            version?: string | null;
            /** @description What kind of database it reads: ``sqlite`` or ``postgresql``. */
            database?: string | null;
            /** @description Milliseconds between two looks at the database for what is new, if that takes no longer. Null: it is told. */
            look_interval_ms?: number | null;
        };
        /** @description What an installation calls itself, from the configuration of the server that is asked; and what that is. As sent without ``field=``. */
        Site: WithRequired<components["schemas"]["SitePart"], "title" | "title_url" | "buildbot_url" | "stock_url" | "version" | "database" | "look_interval_ms">;
        /** @description What is built, of one codebase: a revision, or the latest of a branch. What ``field=`` leaves of it, with what ``expand=`` adds. */
        SourceStampPart: {
            ssid?: number;
            /** @description Null: the latest. */
            revision?: string | null;
            /** @description Null: the default branch. */
            branch?: string | null;
            repository?: string;
            project?: string;
            codebase?: string;
            patch?: components["schemas"]["PatchPart"] | null;
            /** @description When it was first seen. Seconds since the epoch. */
            created_at?: number;
            /** @description Newest first. Sent only with ``expand=changes``. */
            changes?: components["schemas"]["ChangePart"][];
            /** @description Sent only with ``expand=builds``. */
            builds?: components["schemas"]["BuildPart"][];
        };
        /** @description What is built, of one codebase: a revision, or the latest of a branch. As sent without ``field=``. */
        SourceStamp: WithRequired<components["schemas"]["SourceStampPart"], "ssid" | "revision" | "branch" | "repository" | "project" | "codebase" | "patch" | "created_at">;
        /** @description All properties of a thing in one object: ``{name: [value, source]}``. */
        SourcedPropertiesPart: {
            [key: string]: [
                unknown,
                string | null
            ];
        };
        SourcedProperties: components["schemas"]["SourcedPropertiesPart"];
        /** @description What the records at a kind of path are made of, in the form of Buildbot's own specification. What ``field=`` leaves of it, with what ``expand=`` adds. */
        SpecPart: {
            path?: string;
            type?: string;
            plural?: string;
            type_spec?: {
                [key: string]: unknown;
            };
        };
        /** @description What the records at a kind of path are made of, in the form of Buildbot's own specification. As sent without ``field=``. */
        Spec: WithRequired<components["schemas"]["SpecPart"], "path" | "type" | "plural" | "type_spec">;
        /** @description One part of a build. What ``field=`` leaves of it, with what ``expand=`` adds. */
        StepPart: {
            stepid?: number;
            /** @description Counts the build's steps, from 0. */
            number?: number;
            /** @description Unique within the build. */
            name?: string;
            buildid?: number;
            /** @description Seconds since the epoch. */
            started_at?: number | null;
            /** @description When it got its locks and really began. Seconds since the epoch. */
            locks_acquired_at?: number | null;
            complete?: boolean;
            /** @description Seconds since the epoch. */
            complete_at?: number | null;
            /** @description A result code; null while it runs. */
            results?: number | null;
            state_string?: string;
            urls?: {
                name: string;
                url: string;
            }[];
            /** @description Should not be shown. */
            hidden?: boolean;
            /** @description When it will be complete: its start and the mean duration of the step of the same name in the last 5 builds of the builder that ended with success or warnings. Null unless it runs, or without such steps. Seconds since the epoch. Sent only when named in ``field=``. */
            eta?: number | null;
            /** @description Sent only with ``expand=build``. */
            build?: components["schemas"]["BuildPart"] | null;
            /** @description Sent only with ``expand=logs``. */
            logs?: components["schemas"]["LogPart"][];
            /** @description Sent only with ``expand=test_result_sets``. */
            test_result_sets?: components["schemas"]["TestResultSetPart"][];
        };
        /** @description One part of a build. As sent without ``field=``. */
        Step: WithRequired<components["schemas"]["StepPart"], "stepid" | "number" | "name" | "buildid" | "started_at" | "locks_acquired_at" | "complete" | "complete_at" | "results" | "state_string" | "urls" | "hidden">;
        /** @description What a builder has results of under one name. It stays when it is not run any more. What ``field=`` leaves of it, with what ``expand=`` adds. */
        TestPart: {
            testid?: number;
            builderid?: number;
            /** @description Two may have the same, where masters recorded it at the same moment. */
            name?: string;
            /** @description Sent only with ``expand=builder``. */
            builder?: components["schemas"]["BuilderPart"] | null;
            /** @description Those of the newest builds first. Sent only with ``expand=results``. */
            results?: components["schemas"]["TestResultPart"][];
        };
        /** @description What a builder has results of under one name. It stays when it is not run any more. As sent without ``field=``. */
        Test: WithRequired<components["schemas"]["TestPart"], "testid" | "builderid" | "name">;
        /** @description The result of one test, or one finding. What ``field=`` leaves of it, with what ``expand=`` adds. */
        TestResultPart: {
            test_resultid?: number;
            builderid?: number;
            test_result_setid?: number;
            test_name?: string | null;
            test_code_path?: string | null;
            line?: number | null;
            duration_ns?: number | null;
            value?: string;
            /** @description Of its name; null without one. */
            testid?: number | null;
            /** @description Sent only with ``expand=test_result_set``. */
            test_result_set?: components["schemas"]["TestResultSetPart"] | null;
            /** @description Sent only with ``expand=test``. */
            test?: components["schemas"]["TestPart"] | null;
        };
        /** @description The result of one test, or one finding. As sent without ``field=``. */
        TestResult: WithRequired<components["schemas"]["TestResultPart"], "test_resultid" | "builderid" | "test_result_setid" | "test_name" | "test_code_path" | "line" | "duration_ns" | "value" | "testid">;
        /** @description Results of tests, of one kind, that a step collected. What ``field=`` leaves of it, with what ``expand=`` adds. */
        TestResultSetPart: {
            test_result_setid?: number;
            builderid?: number;
            buildid?: number;
            stepid?: number;
            description?: string | null;
            /** @description ``pass_fail``, ``pass_only``, ``fail_only``, ``code_issue``, or what the step calls it. */
            category?: string;
            /** @description What the values are: ``boolean``, ``ns``, …. */
            value_unit?: string;
            tests_passed?: number | null;
            tests_failed?: number | null;
            complete?: boolean;
            /** @description Sent only with ``expand=results``. */
            results?: components["schemas"]["TestResultPart"][];
            /** @description Of ``pass_fail`` those that failed, of ``fail_only`` and ``code_issue`` all. Sent only with ``expand=failures``. */
            failures?: components["schemas"]["TestResultPart"][];
            /** @description Sent only with ``expand=build``. */
            build?: components["schemas"]["BuildPart"] | null;
            /** @description Sent only with ``expand=step``. */
            step?: components["schemas"]["StepPart"] | null;
        };
        /** @description Results of tests, of one kind, that a step collected. As sent without ``field=``. */
        TestResultSet: WithRequired<components["schemas"]["TestResultSetPart"], "test_result_setid" | "builderid" | "buildid" | "stepid" | "description" | "category" | "value_unit" | "tests_passed" | "tests_failed" | "complete">;
        /** @description What runs the steps of builds, on a machine of its own. What ``field=`` leaves of it, with what ``expand=`` adds. */
        WorkerPart: {
            workerid?: number;
            name?: string;
            /** @description Empty: it is not connected. A master that died may still be listed, until its next start. */
            connected_to?: {
                masterid: number;
            }[];
            /** @description Every builder it may build for, under whatever path one asks. */
            configured_on?: {
                masterid: number;
                builderid: number;
            }[];
            /** @description What it said of itself: admin, host, access_uri, version. */
            workerinfo?: {
                [key: string]: unknown;
            };
            /** @description Starts no new builds. */
            paused?: boolean;
            pause_reason?: string | null;
            /** @description Shuts down once it is idle. */
            graceful?: boolean;
            /** @description Sent only with ``expand=builds``. */
            builds?: components["schemas"]["BuildPart"][];
            /** @description Those that it runs now. Sent only with ``expand=running_builds``. */
            running_builds?: components["schemas"]["BuildPart"][];
            /** @description Those it may build for. Sent only with ``expand=builders``. */
            builders?: components["schemas"]["BuilderPart"][];
        };
        /** @description What runs the steps of builds, on a machine of its own. As sent without ``field=``. */
        Worker: WithRequired<components["schemas"]["WorkerPart"], "workerid" | "name" | "connected_to" | "configured_on" | "workerinfo" | "paused" | "pause_reason" | "graceful">;
        /** @description What is known about the list that the records are part of. */
        Meta: {
            /** @description How many records match. */
            total?: number;
            /** @description Instead of ``total``: at least so many match; counting stopped. */
            total_at_least?: number;
            /** @description The call that gives the records after these, relative to the root of the API. */
            next?: string;
        };
        /** @description What went wrong: Buildbot's ``error``, the members of RFC 9457, and a stable code. */
        Problem: {
            /** @description The same as ``detail``. */
            error: string;
            /**
             * @description Stable.
             * @example bad-query
             * @example bad-request
             * @example not-found
             * @example not-acceptable
             * @example unauthenticated
             * @example forbidden
             * @example method-not-allowed
             * @example gone
             * @example too-large
             * @example address-too-long
             * @example range-not-satisfiable
             * @example misdirected
             * @example unprocessable
             * @example upgrade-required
             * @example internal
             * @example not-available
             * @example database-unavailable
             * @example busy
             * @example disconnected
             * @example deadline-exceeded
             */
            code: string;
            /** @description The address of a page about this kind of error. */
            type?: string;
            /** @description The same for all errors with this code. */
            title: string;
            /** @description The HTTP status. */
            status: number;
            /** @description What was wrong this time, and what would be right. */
            detail: string;
            /** @description Which parameter was wrong. */
            parameter?: string;
        };
        /** @description Something that happened to a thing. */
        Event: {
            /**
             * @description The plural of the thing's type.
             * @example builds
             */
            type: string;
            /**
             * @description What happened to what.
             * @example builds/7/finished
             */
            topic: string;
            /**
             * @description What happened.
             * @example finished
             */
            event: string;
            /** @description When: seconds since the epoch. */
            at: number;
            /** @description It met the conditions before, and does not any more: take it out of the list. */
            left: boolean;
            /** @description What fields that can be filtered were before, where they have changed; null for what is new. */
            changed: Record<string, never> | null;
            /** @description The thing after the change, as a GET of it gives it. */
            record: Record<string, never>;
            /** @description The place after it: ``since=`` goes on there. */
            cursor: string;
            /** @description Of an append to a log: its first line, counted from 0. */
            first?: number;
            /** @description Its last line. */
            last?: number;
            /** @description With ``content=true``: these lines, each with its line end. */
            content?: string;
            /** @description Some of them are not there any more, or cannot be shown. */
            missing?: boolean;
        };
        /** @description What has happened since a cursor, in order (``since=``). */
        Events: {
            changes: components["schemas"]["Event"][];
            meta: {
                /** @description Where this ends; also in ``X-Status-Cursor``. */
                cursor: string;
                /** @description The call that gives what comes after, relative as in Meta. */
                next: string;
            };
        };
        Batch: {
            answers: (components["schemas"]["Problem"] | Record<string, never>)[];
            meta: Record<string, never>;
        };
        Done: {
            /** @enum {string} */
            jsonrpc: "2.0";
            /** @description Comes back as it was sent. */
            id: string | number | null;
            /** @description What the action gives; mostly null. */
            result: unknown;
        };
        /** @description Nothing was done. */
        Refusal: {
            /** @enum {string} */
            jsonrpc: "2.0";
            /** @description Comes back as it was sent. */
            id?: string | number | null;
            error: {
                code: number;
                message: string;
                data?: components["schemas"]["Problem"];
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type BranchPart = components['schemas']['BranchPart'];
export type Branch = components['schemas']['Branch'];
export type BuildPart = components['schemas']['BuildPart'];
export type Build = components['schemas']['Build'];
export type BuildDataPart = components['schemas']['BuildDataPart'];
export type BuildData = components['schemas']['BuildData'];
export type BuildRequestPart = components['schemas']['BuildRequestPart'];
export type BuildRequest = components['schemas']['BuildRequest'];
export type BuilderPart = components['schemas']['BuilderPart'];
export type Builder = components['schemas']['Builder'];
export type BuildsetPart = components['schemas']['BuildsetPart'];
export type Buildset = components['schemas']['Buildset'];
export type ChangePart = components['schemas']['ChangePart'];
export type Change = components['schemas']['Change'];
export type ChangeSourcePart = components['schemas']['ChangeSourcePart'];
export type ChangeSource = components['schemas']['ChangeSource'];
export type CodebasePart = components['schemas']['CodebasePart'];
export type Codebase = components['schemas']['Codebase'];
export type CommitPart = components['schemas']['CommitPart'];
export type Commit = components['schemas']['Commit'];
export type CommitGraphPart = components['schemas']['CommitGraphPart'];
export type CommitGraph = components['schemas']['CommitGraph'];
export type ConsumerPart = components['schemas']['ConsumerPart'];
export type Consumer = components['schemas']['Consumer'];
export type DeliveryPart = components['schemas']['DeliveryPart'];
export type Delivery = components['schemas']['Delivery'];
export type ForceSchedulerPart = components['schemas']['ForceSchedulerPart'];
export type ForceScheduler = components['schemas']['ForceScheduler'];
export type LogPart = components['schemas']['LogPart'];
export type Log = components['schemas']['Log'];
export type LogChunkPart = components['schemas']['LogChunkPart'];
export type LogChunk = components['schemas']['LogChunk'];
export type MasterPart = components['schemas']['MasterPart'];
export type Master = components['schemas']['Master'];
export type PatchPart = components['schemas']['PatchPart'];
export type Patch = components['schemas']['Patch'];
export type ProjectPart = components['schemas']['ProjectPart'];
export type Project = components['schemas']['Project'];
export type PropertyPart = components['schemas']['PropertyPart'];
export type Property = components['schemas']['Property'];
export type RootLinkPart = components['schemas']['RootLinkPart'];
export type RootLink = components['schemas']['RootLink'];
export type SchedulerPart = components['schemas']['SchedulerPart'];
export type Scheduler = components['schemas']['Scheduler'];
export type SitePart = components['schemas']['SitePart'];
export type Site = components['schemas']['Site'];
export type SourceStampPart = components['schemas']['SourceStampPart'];
export type SourceStamp = components['schemas']['SourceStamp'];
export type SourcedPropertiesPart = components['schemas']['SourcedPropertiesPart'];
export type SourcedProperties = components['schemas']['SourcedProperties'];
export type SpecPart = components['schemas']['SpecPart'];
export type Spec = components['schemas']['Spec'];
export type StepPart = components['schemas']['StepPart'];
export type Step = components['schemas']['Step'];
export type TestPart = components['schemas']['TestPart'];
export type Test = components['schemas']['Test'];
export type TestResultPart = components['schemas']['TestResultPart'];
export type TestResult = components['schemas']['TestResult'];
export type TestResultSetPart = components['schemas']['TestResultSetPart'];
export type TestResultSet = components['schemas']['TestResultSet'];
export type WorkerPart = components['schemas']['WorkerPart'];
export type Worker = components['schemas']['Worker'];
export type Meta = components['schemas']['Meta'];
export type Problem = components['schemas']['Problem'];
export type Event = components['schemas']['Event'];
export type Events = components['schemas']['Events'];
export type Batch = components['schemas']['Batch'];
export type Done = components['schemas']['Done'];
export type Refusal = components['schemas']['Refusal'];
type WithRequired<T, K extends keyof T> = T & {
    [P in K]-?: T[P];
};

/** Resource types: under which name an answer has them, and what a record is, as it is sent whole and in part. */
export interface ResourceTypes {
    branch: { plural: "branches"; record: Branch; part: BranchPart };
    build: { plural: "builds"; record: Build; part: BuildPart };
    build_data: { plural: "build_data"; record: BuildData; part: BuildDataPart };
    buildrequest: { plural: "buildrequests"; record: BuildRequest; part: BuildRequestPart };
    builder: { plural: "builders"; record: Builder; part: BuilderPart };
    buildset: { plural: "buildsets"; record: Buildset; part: BuildsetPart };
    change: { plural: "changes"; record: Change; part: ChangePart };
    changesource: { plural: "changesources"; record: ChangeSource; part: ChangeSourcePart };
    codebase: { plural: "codebases"; record: Codebase; part: CodebasePart };
    commit: { plural: "commits"; record: Commit; part: CommitPart };
    commit_graph: { plural: "commit_graphs"; record: CommitGraph; part: CommitGraphPart };
    consumer: { plural: "consumers"; record: Consumer; part: ConsumerPart };
    delivery: { plural: "deliveries"; record: Delivery; part: DeliveryPart };
    forcescheduler: { plural: "forceschedulers"; record: ForceScheduler; part: ForceSchedulerPart };
    log: { plural: "logs"; record: Log; part: LogPart };
    logchunk: { plural: "logchunks"; record: LogChunk; part: LogChunkPart };
    master: { plural: "masters"; record: Master; part: MasterPart };
    patch: { plural: "patches"; record: Patch; part: PatchPart };
    project: { plural: "projects"; record: Project; part: ProjectPart };
    _property: { plural: "_properties"; record: Property; part: PropertyPart };
    rootlink: { plural: "rootlinks"; record: RootLink; part: RootLinkPart };
    scheduler: { plural: "schedulers"; record: Scheduler; part: SchedulerPart };
    site: { plural: "sites"; record: Site; part: SitePart };
    sourcestamp: { plural: "sourcestamps"; record: SourceStamp; part: SourceStampPart };
    sourcedproperties: { plural: "properties"; record: SourcedProperties; part: SourcedPropertiesPart };
    spec: { plural: "specs"; record: Spec; part: SpecPart };
    step: { plural: "steps"; record: Step; part: StepPart };
    test: { plural: "tests"; record: Test; part: TestPart };
    test_result: { plural: "test_results"; record: TestResult; part: TestResultPart };
    test_result_set: { plural: "test_result_sets"; record: TestResultSet; part: TestResultSetPart };
    worker: { plural: "workers"; record: Worker; part: WorkerPart };
}

/** What is at each path, relative to the root of the API: a list of records of a type, or one record. */
export interface Paths {
    "": { type: "rootlink"; form: "list" };
    "application.spec": { type: "spec"; form: "list" };
    "branches": { type: "branch"; form: "list" };
    "branches/{branchid}": { type: "branch"; form: "one" };
    "branches/{branchid}/commit": { type: "commit"; form: "one" };
    "builders": { type: "builder"; form: "list" };
    "builders/{builderid_or_buildername}": { type: "builder"; form: "one" };
    "builders/{builderid_or_buildername}/buildrequests": { type: "buildrequest"; form: "list" };
    "builders/{builderid_or_buildername}/builds": { type: "build"; form: "list" };
    "builders/{builderid_or_buildername}/builds/{build_number}": { type: "build"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/builder": { type: "builder"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/buildrequest": { type: "buildrequest"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/buildset": { type: "buildset"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/changes": { type: "change"; form: "list" };
    "builders/{builderid_or_buildername}/builds/{build_number}/current_step": { type: "step"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/data": { type: "build_data"; form: "list" };
    "builders/{builderid_or_buildername}/builds/{build_number}/data/{name}": { type: "build_data"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/data/{name}/build": { type: "build"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/log_tails": { type: "logchunk"; form: "list" };
    "builders/{builderid_or_buildername}/builds/{build_number}/logs": { type: "log"; form: "list" };
    "builders/{builderid_or_buildername}/builds/{build_number}/master": { type: "master"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/previous_build": { type: "build"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/properties": { type: "sourcedproperties"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/property_list": { type: "_property"; form: "list" };
    "builders/{builderid_or_buildername}/builds/{build_number}/sourcestamps": { type: "sourcestamp"; form: "list" };
    "builders/{builderid_or_buildername}/builds/{build_number}/steps": { type: "step"; form: "list" };
    "builders/{builderid_or_buildername}/builds/{build_number}/steps/{step_number_or_step_name}": { type: "step"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/steps/{step_number_or_step_name}/build": { type: "build"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/steps/{step_number_or_step_name}/logs": { type: "log"; form: "list" };
    "builders/{builderid_or_buildername}/builds/{build_number}/steps/{step_number_or_step_name}/logs/{log_slug}": { type: "log"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/steps/{step_number_or_step_name}/logs/{log_slug}/contents": { type: "logchunk"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/steps/{step_number_or_step_name}/logs/{log_slug}/step": { type: "step"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/steps/{step_number_or_step_name}/test_result_sets": { type: "test_result_set"; form: "list" };
    "builders/{builderid_or_buildername}/builds/{build_number}/test_result_sets": { type: "test_result_set"; form: "list" };
    "builders/{builderid_or_buildername}/builds/{build_number}/test_results": { type: "test_result"; form: "list" };
    "builders/{builderid_or_buildername}/builds/{build_number}/triggered_builds": { type: "build"; form: "list" };
    "builders/{builderid_or_buildername}/builds/{build_number}/triggering_build": { type: "build"; form: "one" };
    "builders/{builderid_or_buildername}/builds/{build_number}/worker": { type: "worker"; form: "one" };
    "builders/{builderid_or_buildername}/current_builds": { type: "build"; form: "list" };
    "builders/{builderid_or_buildername}/first_failed_build": { type: "build"; form: "one" };
    "builders/{builderid_or_buildername}/forceschedulers": { type: "forcescheduler"; form: "list" };
    "builders/{builderid_or_buildername}/last_finished_build": { type: "build"; form: "one" };
    "builders/{builderid_or_buildername}/last_good_build": { type: "build"; form: "one" };
    "builders/{builderid_or_buildername}/latest_build": { type: "build"; form: "one" };
    "builders/{builderid_or_buildername}/masters": { type: "master"; form: "list" };
    "builders/{builderid_or_buildername}/test_result_sets": { type: "test_result_set"; form: "list" };
    "builders/{builderid_or_buildername}/tests": { type: "test"; form: "list" };
    "builders/{builderid_or_buildername}/waiting_buildrequests": { type: "buildrequest"; form: "list" };
    "builders/{builderid_or_buildername}/workers": { type: "worker"; form: "list" };
    "builders/{builderid}/masters/{masterid}": { type: "master"; form: "one" };
    "builders/{builderid}/workers/{workerid_or_name}": { type: "worker"; form: "one" };
    "buildrequests": { type: "buildrequest"; form: "list" };
    "buildrequests/{buildrequestid}": { type: "buildrequest"; form: "one" };
    "buildrequests/{buildrequestid}/builder": { type: "builder"; form: "one" };
    "buildrequests/{buildrequestid}/builds": { type: "build"; form: "list" };
    "buildrequests/{buildrequestid}/buildset": { type: "buildset"; form: "one" };
    "buildrequests/{buildrequestid}/sourcestamps": { type: "sourcestamp"; form: "list" };
    "builds": { type: "build"; form: "list" };
    "builds/{buildid}": { type: "build"; form: "one" };
    "builds/{buildid}/builder": { type: "builder"; form: "one" };
    "builds/{buildid}/buildrequest": { type: "buildrequest"; form: "one" };
    "builds/{buildid}/buildset": { type: "buildset"; form: "one" };
    "builds/{buildid}/changes": { type: "change"; form: "list" };
    "builds/{buildid}/current_step": { type: "step"; form: "one" };
    "builds/{buildid}/data": { type: "build_data"; form: "list" };
    "builds/{buildid}/data/{name}": { type: "build_data"; form: "one" };
    "builds/{buildid}/data/{name}/build": { type: "build"; form: "one" };
    "builds/{buildid}/log_tails": { type: "logchunk"; form: "list" };
    "builds/{buildid}/logs": { type: "log"; form: "list" };
    "builds/{buildid}/master": { type: "master"; form: "one" };
    "builds/{buildid}/previous_build": { type: "build"; form: "one" };
    "builds/{buildid}/properties": { type: "sourcedproperties"; form: "one" };
    "builds/{buildid}/property_list": { type: "_property"; form: "list" };
    "builds/{buildid}/sourcestamps": { type: "sourcestamp"; form: "list" };
    "builds/{buildid}/steps": { type: "step"; form: "list" };
    "builds/{buildid}/steps/{step_number_or_step_name}": { type: "step"; form: "one" };
    "builds/{buildid}/steps/{step_number_or_step_name}/build": { type: "build"; form: "one" };
    "builds/{buildid}/steps/{step_number_or_step_name}/logs": { type: "log"; form: "list" };
    "builds/{buildid}/steps/{step_number_or_step_name}/logs/{log_slug}": { type: "log"; form: "one" };
    "builds/{buildid}/steps/{step_number_or_step_name}/logs/{log_slug}/contents": { type: "logchunk"; form: "one" };
    "builds/{buildid}/steps/{step_number_or_step_name}/logs/{log_slug}/step": { type: "step"; form: "one" };
    "builds/{buildid}/steps/{step_number_or_step_name}/test_result_sets": { type: "test_result_set"; form: "list" };
    "builds/{buildid}/test_result_sets": { type: "test_result_set"; form: "list" };
    "builds/{buildid}/test_results": { type: "test_result"; form: "list" };
    "builds/{buildid}/triggered_builds": { type: "build"; form: "list" };
    "builds/{buildid}/triggering_build": { type: "build"; form: "one" };
    "builds/{buildid}/worker": { type: "worker"; form: "one" };
    "buildsets": { type: "buildset"; form: "list" };
    "buildsets/{bsid}": { type: "buildset"; form: "one" };
    "buildsets/{bsid}/builders": { type: "builder"; form: "list" };
    "buildsets/{bsid}/buildrequests": { type: "buildrequest"; form: "list" };
    "buildsets/{bsid}/builds": { type: "build"; form: "list" };
    "buildsets/{bsid}/changes": { type: "change"; form: "list" };
    "buildsets/{bsid}/parent_build": { type: "build"; form: "one" };
    "buildsets/{bsid}/properties": { type: "sourcedproperties"; form: "one" };
    "buildsets/{bsid}/properties_list": { type: "_property"; form: "list" };
    "buildsets/{bsid}/rebuilt_build": { type: "build"; form: "one" };
    "buildsets/{bsid}/sourcestamps": { type: "sourcestamp"; form: "list" };
    "changes": { type: "change"; form: "list" };
    "changes/{changeid}": { type: "change"; form: "one" };
    "changes/{changeid}/builds": { type: "build"; form: "list" };
    "changes/{changeid}/properties_list": { type: "_property"; form: "list" };
    "changes/{changeid}/sourcestamp": { type: "sourcestamp"; form: "one" };
    "changesources": { type: "changesource"; form: "list" };
    "changesources/{changesourceid}": { type: "changesource"; form: "one" };
    "changesources/{changesourceid}/master": { type: "master"; form: "one" };
    "codebases": { type: "codebase"; form: "list" };
    "codebases/{codebaseid}": { type: "codebase"; form: "one" };
    "codebases/{codebaseid}/branches": { type: "branch"; form: "list" };
    "codebases/{codebaseid}/commit_range/{commitid1}/{commitid2}/commits_common_parent": { type: "commit_graph"; form: "one" };
    "codebases/{codebaseid}/commit_range/{commitid1}/{commitid2}/test_result_sets": { type: "test_result_set"; form: "list" };
    "codebases/{codebaseid}/commits": { type: "commit"; form: "list" };
    "codebases/{codebaseid}/commits_by_revision": { type: "commit"; form: "list" };
    "codebases/{codebaseid}/commits_by_revision/{revision}": { type: "commit"; form: "one" };
    "commits": { type: "commit"; form: "list" };
    "commits/{commitid}": { type: "commit"; form: "one" };
    "commits/{commitid}/parent_commit": { type: "commit"; form: "one" };
    "consumers": { type: "consumer"; form: "list" };
    "consumers/{consumerid_or_consumername}": { type: "consumer"; form: "one" };
    "consumers/{consumerid_or_consumername}/deliveries": { type: "delivery"; form: "list" };
    "deliveries": { type: "delivery"; form: "list" };
    "deliveries/{deliveryid}": { type: "delivery"; form: "one" };
    "forceschedulers": { type: "forcescheduler"; form: "list" };
    "forceschedulers/{schedulername}": { type: "forcescheduler"; form: "one" };
    "logs": { type: "log"; form: "list" };
    "logs/{logid}": { type: "log"; form: "one" };
    "logs/{logid}/contents": { type: "logchunk"; form: "one" };
    "logs/{logid}/step": { type: "step"; form: "one" };
    "masters": { type: "master"; form: "list" };
    "masters/{masterid}": { type: "master"; form: "one" };
    "masters/{masterid}/builders": { type: "builder"; form: "list" };
    "masters/{masterid}/builders/{builderid}": { type: "builder"; form: "one" };
    "masters/{masterid}/builders/{builderid}/workers": { type: "worker"; form: "list" };
    "masters/{masterid}/builders/{builderid}/workers/{workerid_or_name}": { type: "worker"; form: "one" };
    "masters/{masterid}/changesources": { type: "changesource"; form: "list" };
    "masters/{masterid}/changesources/{changesourceid}": { type: "changesource"; form: "one" };
    "masters/{masterid}/schedulers": { type: "scheduler"; form: "list" };
    "masters/{masterid}/schedulers/{schedulerid}": { type: "scheduler"; form: "one" };
    "masters/{masterid}/workers": { type: "worker"; form: "list" };
    "masters/{masterid}/workers/{workerid_or_name}": { type: "worker"; form: "one" };
    "projects": { type: "project"; form: "list" };
    "projects/{projectid_or_projectname}": { type: "project"; form: "one" };
    "projects/{projectid_or_projectname}/builders": { type: "builder"; form: "list" };
    "projects/{projectid_or_projectname}/codebases": { type: "codebase"; form: "list" };
    "projects/{projectid_or_projectname}/codebases/{codebasename}": { type: "codebase"; form: "one" };
    "schedulers": { type: "scheduler"; form: "list" };
    "schedulers/{schedulerid}": { type: "scheduler"; form: "one" };
    "schedulers/{schedulerid}/master": { type: "master"; form: "one" };
    "schedulers/{schedulerid}/pending_buildsets": { type: "buildset"; form: "list" };
    "schedulers/{schedulerid}/pending_changes": { type: "change"; form: "list" };
    "site": { type: "site"; form: "list" };
    "sourcestamps": { type: "sourcestamp"; form: "list" };
    "sourcestamps/{ssid}": { type: "sourcestamp"; form: "one" };
    "sourcestamps/{ssid}/builds": { type: "build"; form: "list" };
    "sourcestamps/{ssid}/changes": { type: "change"; form: "list" };
    "sourcestamps/{ssid}/patch": { type: "patch"; form: "one" };
    "steps": { type: "step"; form: "list" };
    "steps/{stepid}": { type: "step"; form: "one" };
    "steps/{stepid}/build": { type: "build"; form: "one" };
    "steps/{stepid}/logs": { type: "log"; form: "list" };
    "steps/{stepid}/logs/{log_slug}": { type: "log"; form: "one" };
    "steps/{stepid}/logs/{log_slug}/contents": { type: "logchunk"; form: "one" };
    "steps/{stepid}/logs/{log_slug}/step": { type: "step"; form: "one" };
    "steps/{stepid}/test_result_sets": { type: "test_result_set"; form: "list" };
    "test_result_sets": { type: "test_result_set"; form: "list" };
    "test_result_sets/{test_result_setid}": { type: "test_result_set"; form: "one" };
    "test_result_sets/{test_result_setid}/build": { type: "build"; form: "one" };
    "test_result_sets/{test_result_setid}/failures": { type: "test_result"; form: "list" };
    "test_result_sets/{test_result_setid}/results": { type: "test_result"; form: "list" };
    "test_result_sets/{test_result_setid}/step": { type: "step"; form: "one" };
    "tests": { type: "test"; form: "list" };
    "tests/{testid}": { type: "test"; form: "one" };
    "tests/{testid}/builder": { type: "builder"; form: "one" };
    "tests/{testid}/results": { type: "test_result"; form: "list" };
    "workers": { type: "worker"; form: "list" };
    "workers/{workerid_or_name}": { type: "worker"; form: "one" };
    "workers/{workerid_or_name}/builders": { type: "builder"; form: "list" };
    "workers/{workerid_or_name}/builds": { type: "build"; form: "list" };
    "workers/{workerid_or_name}/running_builds": { type: "build"; form: "list" };
}

/** Of each type, by its plural: what tells its records apart, the order of lists that name none, whether it is the server's own rather than Buildbot's, and the fields that events lack. */
export const TYPES = {
    branches: {"key":"branchid","order":"branchid","own":false,"derived":[]},
    builds: {"key":"buildid","order":"buildid","own":false,"derived":["eta","branches","got_revision"]},
    build_data: {"key":"dataid","order":"name","own":false,"derived":[]},
    buildrequests: {"key":"buildrequestid","order":"buildrequestid","own":false,"derived":["position"]},
    builders: {"key":"builderid","order":"builderid","own":false,"derived":["state"]},
    buildsets: {"key":"bsid","order":"bsid","own":false,"derived":[]},
    changes: {"key":"changeid","order":"-changeid","own":false,"derived":[]},
    changesources: {"key":"changesourceid","order":"changesourceid","own":false,"derived":[]},
    codebases: {"key":"codebaseid","order":"codebaseid","own":false,"derived":[]},
    commits: {"key":"commitid","order":"commitid","own":false,"derived":[]},
    commit_graphs: {"key":"common","order":"common","own":false,"derived":[]},
    consumers: {"key":"consumerid","order":"consumerid","own":true,"derived":[]},
    deliveries: {"key":"deliveryid","order":"deliveryid","own":true,"derived":[]},
    forceschedulers: {"key":"name","order":"name","own":false,"derived":[]},
    logs: {"key":"logid","order":"logid","own":false,"derived":[]},
    logchunks: {"key":"logid","order":"logid","own":false,"derived":[]},
    masters: {"key":"masterid","order":"masterid","own":false,"derived":[]},
    patches: {"key":"patchid","order":"patchid","own":false,"derived":[]},
    projects: {"key":"projectid","order":"name","own":false,"derived":[]},
    _properties: {"key":"name","order":"name","own":false,"derived":[]},
    rootlinks: {"key":"name","order":"name","own":false,"derived":[]},
    schedulers: {"key":"schedulerid","order":"schedulerid","own":false,"derived":[]},
    sites: {"key":"title","order":"title","own":false,"derived":[]},
    sourcestamps: {"key":"ssid","order":"ssid","own":false,"derived":[]},
    properties: {"key":"","order":"","own":false,"derived":[]},
    specs: {"key":"path","order":"path","own":false,"derived":[]},
    steps: {"key":"stepid","order":"stepid","own":false,"derived":["eta"]},
    tests: {"key":"testid","order":"testid","own":false,"derived":[]},
    test_results: {"key":"test_resultid","order":"test_resultid","own":false,"derived":[]},
    test_result_sets: {"key":"test_result_setid","order":"test_result_setid","own":false,"derived":[]},
    workers: {"key":"workerid","order":"workerid","own":false,"derived":[]},
} as const satisfies Record<string, { key: string; order: string; own: boolean; derived: readonly string[] }>;

/** What the words of paths lead to; where to many, a value may follow that names one. */
export const WORDS = {
    "application.spec": { plural: "specs", many: true },
    "branches": { plural: "branches", many: true },
    "commit": { plural: "commits", many: false },
    "builders": { plural: "builders", many: true },
    "buildrequests": { plural: "buildrequests", many: true },
    "builds": { plural: "builds", many: true },
    "builder": { plural: "builders", many: false },
    "buildrequest": { plural: "buildrequests", many: false },
    "buildset": { plural: "buildsets", many: false },
    "changes": { plural: "changes", many: true },
    "current_step": { plural: "steps", many: false },
    "data": { plural: "build_data", many: true },
    "build": { plural: "builds", many: false },
    "log_tails": { plural: "logchunks", many: true },
    "logs": { plural: "logs", many: true },
    "master": { plural: "masters", many: false },
    "previous_build": { plural: "builds", many: false },
    "properties": { plural: "properties", many: false },
    "property_list": { plural: "_properties", many: true },
    "sourcestamps": { plural: "sourcestamps", many: true },
    "steps": { plural: "steps", many: true },
    "contents": { plural: "logchunks", many: false },
    "step": { plural: "steps", many: false },
    "test_result_sets": { plural: "test_result_sets", many: true },
    "test_results": { plural: "test_results", many: true },
    "triggered_builds": { plural: "builds", many: true },
    "triggering_build": { plural: "builds", many: false },
    "worker": { plural: "workers", many: false },
    "current_builds": { plural: "builds", many: true },
    "first_failed_build": { plural: "builds", many: false },
    "forceschedulers": { plural: "forceschedulers", many: true },
    "last_finished_build": { plural: "builds", many: false },
    "last_good_build": { plural: "builds", many: false },
    "latest_build": { plural: "builds", many: false },
    "masters": { plural: "masters", many: true },
    "tests": { plural: "tests", many: true },
    "waiting_buildrequests": { plural: "buildrequests", many: true },
    "workers": { plural: "workers", many: true },
    "buildsets": { plural: "buildsets", many: true },
    "parent_build": { plural: "builds", many: false },
    "properties_list": { plural: "_properties", many: true },
    "rebuilt_build": { plural: "builds", many: false },
    "sourcestamp": { plural: "sourcestamps", many: false },
    "changesources": { plural: "changesources", many: true },
    "codebases": { plural: "codebases", many: true },
    "commits": { plural: "commits", many: true },
    "commits_by_revision": { plural: "commits", many: true },
    "parent_commit": { plural: "commits", many: false },
    "consumers": { plural: "consumers", many: true },
    "deliveries": { plural: "deliveries", many: true },
    "schedulers": { plural: "schedulers", many: true },
    "projects": { plural: "projects", many: true },
    "pending_buildsets": { plural: "buildsets", many: true },
    "pending_changes": { plural: "changes", many: true },
    "site": { plural: "sites", many: true },
    "patch": { plural: "patches", many: false },
    "failures": { plural: "test_results", many: true },
    "results": { plural: "test_results", many: true },
    "running_builds": { plural: "builds", many: true },
} as const satisfies Record<string, { plural: keyof typeof TYPES; many: boolean }>;
