/** Addresses that somebody has shortened: what they are of is shown on a page above them. */
import { useEffect } from "preact/hooks";
import { useRouter } from "../../widgets/router";
import type { PageProps } from "../../widgets/views";

type Props = PageProps<
    | "builders/:builder/builds"
    | "builders/:builder/builds/:number/steps/:step"
    | "builders/:builder/builds/:number/steps/:step/logs"
>;

export default function ShortPage({ params }: Props) {
    const router = useRouter();
    useEffect(() => {
        const builder = `builders/${encodeURIComponent(params.builder)}`;
        const address =
            "step" in params
                ? `${builder}/builds/${encodeURIComponent(params.number)}#step-${encodeURIComponent(params.step)}`
                : builder;
        router.navigate(address, { replace: true });
    }, [router, params]);
    return null;
}
