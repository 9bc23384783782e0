import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs every case against HOST:PORT and prints a line for each: {@code ok NAME}, or {@code FAILED NAME: why}. */
public final class CuratorCases {
    interface Case {
        void run(Programs programs) throws Exception;
    }

    private static final long CASE_LIMIT_SECONDS = 45;

    public static void main(String[] words) {
        Map<String, Case> cases = new LinkedHashMap<>();
        FrameworkCases.addTo(cases);
        LockCases.addTo(cases);
        LeaderCases.addTo(cases);
        CacheCases.addTo(cases);
        MeetingCases.addTo(cases);
        CountCases.addTo(cases);
        QueueCases.addTo(cases);
        NodeCases.addTo(cases);
        DiscoveryCases.addTo(cases);

        int failures = 0;
        for (Map.Entry<String, Case> each : cases.entrySet()) {
            String why = run(each.getValue(), words[0]);
            System.out.println(why == null ? "ok " + each.getKey() : "FAILED " + each.getKey() + ": " + why);
            if (why != null) failures++;
        }
        System.exit(failures == 0 ? 0 : 1);
    }

    /** Why it failed; null where it did not. */
    private static String run(Case work, String address) {
        try (Programs programs = new Programs(address)) {
            FutureTask<Void> task = new FutureTask<>(() -> {
                work.run(programs);
                return null;
            });
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            thread.start();
            task.get(CASE_LIMIT_SECONDS, TimeUnit.SECONDS);
            return null;
        } catch (TimeoutException late) {
            return "not done after " + CASE_LIMIT_SECONDS + " s";
        } catch (ExecutionException failure) {
            return describe(failure.getCause());
        } catch (InterruptedException interrupted) {
            return "interrupted";
        }
    }

    private static String describe(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException || cause instanceof ExecutionException) cause = cause.getCause();
        String place = "";
        for (StackTraceElement frame : cause.getStackTrace()) {
            if (!frame.getClassName().endsWith("Cases")) continue;
            place = " (" + frame.getFileName() + ":" + frame.getLineNumber() + ")";
            break;
        }
        return (cause + place).replace('\n', ' ');
    }
}
